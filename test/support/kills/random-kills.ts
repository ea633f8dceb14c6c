import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { systemClock } from '../../../src/sdk/clock.ts';
import { findMarked } from '../../../src/sdk/process/process.ts';

/** A reproducible source of numbers from 0 to 1. */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Starts an engine, and kills it after so many milliseconds: it alone, or with all processes of its group at the same time. */
export async function killLater(
  life: readonly string[],
  { place, afterMs, withGits, group }: KillWish,
): Promise<'killed' | 'ended'> {
  const engine = spawn(process.execPath, [...life, place], {
    env: { PATH: process.env.PATH },
    stdio: 'ignore',
  });
  const ended = once(engine, 'exit');
  const timer = systemClock.setTimeout(() => {
    const others = withGits ? findMarked(marker => marker.startsWith(`${group}:`)) : [];
    engine.kill('SIGKILL');
    for (const pid of others) kill(pid);
  }, afterMs);
  const [code] = await ended;
  systemClock.clearTimeout(timer);
  if (code !== null && code !== 0) throw new Error(`an engine failed after the kills before it: ${code}`);
  return code === 0 ? 'ended' : 'killed';
}

interface KillWish {
  readonly place: string;
  readonly afterMs: number;
  readonly withGits: boolean;
  /** The group's id, with which the markers of its processes begin. */
  readonly group: string;
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has just ended.
  }
}
