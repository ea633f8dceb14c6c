import { readdirSync, readFileSync } from 'node:fs';

/** What a process holds, so that what it holds later can be compared with it. */
export interface Held {
  readonly heapMb: number;
  readonly descriptors: number;
  readonly children: number;
  readonly listeners: number;
  readonly timers: number;
}

/** After a collection of garbage: run node with `--expose-gc`. */
export async function held(): Promise<Held> {
  for (let round = 0; round < 3; round += 1) {
    await new Promise(resolve => {
      setImmediate(resolve);
    });
    globalThis.gc?.();
  }
  const { pid } = process;
  const children = readFileSync(`/proc/self/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
  const timers = process.getActiveResourcesInfo().filter(name => name === 'Timeout');
  return {
    heapMb: Math.round(process.memoryUsage().heapUsed / 2 ** 20),
    descriptors: readdirSync('/proc/self/fd').length,
    children: children.length,
    listeners: process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0),
    timers: timers.length,
  };
}

/** What is held beyond what was held before, in words. The heap may grow by this much. */
export function grown(before: Held, after: Held, heapMb: number): string[] {
  const more = (['descriptors', 'children', 'listeners', 'timers'] as const).flatMap(name =>
    after[name] > before[name] ? [`${name}: ${before[name]} before, ${after[name]} after`] : [],
  );
  const heap = after.heapMb - before.heapMb;
  return heap > heapMb ? [...more, `the heap has grown by ${heap} MB`] : more;
}
