// @module-tag processes
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { MARKER_VARIABLE } from '../../../../src/sdk/process/process-table.ts';
import { sharedMs } from '../../../../src/sdk/process/reaper/reaper-protocol.ts';
import { isAlive, program } from '../process-fixture.ts';

const file = (path: string): string => fileURLToPath(new URL(`../../../../${path}`, import.meta.url));
const LOADER = ['--import', file('scripts/load-typescript.mjs')];

function reaperHere(preloads: readonly string[] = [], env: Record<string, string> = {}) {
  const reaper = spawn(
    process.execPath,
    [...LOADER, ...preloads, file('src/sdk/process/reaper/reaper-main.ts')],
    { env, stdio: ['ignore', 'ignore', 'inherit', 'pipe'] },
  );
  const pipe = reaper.stdio[3];
  if (!(pipe instanceof Writable)) throw new Error('it has no pipe');
  const tell = (...commands: string[]) => pipe.write(commands.map(command => `${command}\n`).join(''));
  return { reaper, pipe, tell };
}

const gone = (pid: number) =>
  vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 60_000, interval: 20 });

test('a lease runs out while a machine sleeps, which stops the monotonic clock (REAPING-3)', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'slept-'));
  const slept = join(folder, 'slept');
  const group = `slept-${process.pid}`;
  const [agent, other] = ['web', 'api'].map(id => {
    const env = { PATH: process.env.PATH, [MARKER_VARIABLE]: `${group}:${id}:1:x` };
    return spawn('sleep', ['600'], { env });
  });
  const { reaper, tell } = reaperHere(['--import', program('jumping-clock.mjs')], { SLEPT: slept });
  try {
    tell(`~${group}:web:1: ${sharedMs() + 600_000}`, `+${group}:web:1:x`);
    tell(`~${group}:api:1: ${sharedMs()}`, `+${group}:api:1:x`);
    await gone(other?.pid ?? 0); // it has heard of both
    expect(isAlive(agent?.pid ?? 0)).toBe(true);
    writeFileSync(slept, '');
    await gone(agent?.pid ?? 0);
  } finally {
    for (const child of [agent, other]) child?.kill('SIGKILL');
    reaper.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  }
});

test('what is not renewed is killed, all else lives, and nothing brings a lease back (REAPING-3)', async () => {
  const group = `leases-${process.pid}`;
  const agents = ['lapsed', 'renewed', 'free', 'late'].map(id => {
    const marker = `${group}:${id}:1:x`;
    const child = spawn('sleep', ['600'], { env: { PATH: process.env.PATH, [MARKER_VARIABLE]: marker } });
    return { marker, child, pid: child.pid ?? 0 };
  });
  const [lapsed, renewed, free, late] = agents;
  if (!lapsed || !renewed || !free || !late) throw new Error('four agents');
  const { reaper, pipe, tell } = reaperHere();
  const lease = (id: string, ms: number) => `~${group}:${id}:1: ${sharedMs() + ms}`;
  try {
    tell(lease('lapsed', 0), lease('renewed', 0), lease('renewed', 600_000));
    tell(...agents.map(({ marker }) => `+${marker}`));
    await gone(lapsed.pid);
    tell(lease('late', 0), lease('lapsed', 600_000));
    await gone(late.pid);
    expect([renewed, free].map(({ pid }) => isAlive(pid))).toEqual([true, true]);
    const again = spawn('sleep', ['600'], {
      env: { PATH: process.env.PATH, [MARKER_VARIABLE]: lapsed.marker },
    });
    tell(`-${lapsed.marker}`, `+${lapsed.marker}`);
    await gone(again.pid ?? 0);
    expect([renewed, free].map(({ pid }) => isAlive(pid))).toEqual([true, true]);
    tell(`/${group}:lapsed:1:`, `/${group}:late:1:`);
    pipe.end();
    expect(await once(reaper, 'exit')).toEqual([0, null]);
    expect([renewed, free].map(({ pid }) => isAlive(pid))).toEqual([false, false]);
  } finally {
    for (const { child } of agents) child.kill('SIGKILL');
    reaper.kill('SIGKILL');
  }
});

test('a lease ends an attempt although its engine is stopped, and what that starts later (REAPER-6)', async () => {
  const engine = spawn(process.execPath, [...LOADER, program('leased-engine.mjs')], {
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const printed = async () => Number(`${(await once(engine.stdout, 'data'))[0]}`);
  try {
    const first = await printed();
    engine.kill('SIGSTOP');
    await gone(first);
    const next = printed();
    engine.kill('SIGUSR2');
    engine.kill('SIGCONT');
    await gone(await next);
    expect(engine.exitCode).toBeNull();
  } finally {
    engine.kill('SIGKILL');
  }
});
