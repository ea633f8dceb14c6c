import { setImmediate as nextTurn } from 'node:timers';
import type { SimulatedClock } from '../simulated-clock.ts';

/** What an engine still does on its own takes no more turns of the event loop in a row, apart from files. */
const TURNS = 3;

/**
 * Resolves when a group in this process has nothing more to do until time passes, an agent reports something or somebody
 * asks for something: all promises and whatever they lead to have settled, and no file is being read or written. It
 * doesn't wait for programs, nor for timers of the system clock.
 */
export function flush(): Promise<void> {
  return new Promise(resolve => {
    let turns = 0;
    const turn = (): void => {
      turns += 1;
      if (turns < TURNS || filesArePending()) nextTurn(turn);
      else resolve();
    };
    nextTurn(turn);
  });
}

const OF_FILES = /^(FSReq|CloseReq$)/;
const filesArePending = (): boolean => process.getActiveResourcesInfo().some(name => OF_FILES.test(name));

/**
 * Runs a simulated clock until the promise settles, from timer to timer, with everything flushed in between. Resolves
 * and rejects like the promise.
 *
 * @param after called after each step. Default: nothing.
 * @throws Error if no timer is left that could settle it.
 */
export async function drive<T>(
  clock: SimulatedClock,
  promise: Promise<T>,
  after: () => void = () => {},
): Promise<T> {
  let settled = false;
  const mark = () => {
    settled = true;
  };
  promise.then(mark, mark);
  for (;;) {
    await flush();
    after();
    if (settled) return promise;
    if (!clock.step()) throw new Error('no timer is left that could settle the promise');
  }
}

/** Lets so many milliseconds pass on a simulated clock, with everything flushed after each timer. */
export async function pass(clock: SimulatedClock, ms: number): Promise<void> {
  await flush();
  for (const end = clock.now() + ms; ; await flush()) {
    if ((clock.nextAt ?? Number.POSITIVE_INFINITY) > end) {
      clock.advance(end - clock.now());
      return;
    }
    clock.step();
  }
}
