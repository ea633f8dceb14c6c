import { type Clock, sleep } from '../sdk/clock.ts';
import type { Position } from './channel.ts';

const AGAIN_MS = 1_000;

/** Reads on where it was when reading has failed, until the signal aborts. */
export async function* readOn<T extends { readonly position: Position }>(
  read: (after: Position | undefined) => AsyncIterable<readonly T[]>,
  clock: Clock,
  signal: AbortSignal,
): AsyncGenerator<readonly T[]> {
  let after: Position | undefined;
  while (!signal.aborted) {
    try {
      for await (const some of read(after)) {
        yield some;
        after = some.at(-1)?.position ?? after;
      }
      return;
    } catch {
      await sleep(clock, AGAIN_MS, signal).catch(() => {});
    }
  }
}
