import { type Clock, systemClock } from '../../src/sdk/clock.ts';
import { SimulatedClock } from '../../src/sdk/simulated-clock.ts';

export interface PassingClock extends Clock {
  /** Lets this time pass at once: what is due fires now, each timer at its own time. */
  pass(ms: number): void;
}

/**
 * The system clock for engines whose agents are real: it runs by itself, and what only waits can be skipped. A test of a
 * timeout so gives the agent as long as a loaded machine needs, and does not wait for it.
 */
export function passingClock(): PassingClock {
  const simulated = new SimulatedClock(Date.now());
  let seen = systemClock.monotonic();
  let timer: unknown;
  let passing = false;

  const catchUp = (): void => {
    const now = systemClock.monotonic();
    if (!passing) simulated.freeze(now - seen);
    seen = now;
  };
  const pass = (ms: number): void => {
    catchUp();
    passing = true;
    simulated.advance(ms);
    passing = false;
    arm();
  };
  const arm = (): void => {
    systemClock.clearTimeout(timer);
    if (simulated.nextAt === undefined) return;
    timer = systemClock.setTimeout(() => pass(0), simulated.nextAt - simulated.now());
  };
  return {
    now() {
      catchUp();
      return simulated.now();
    },
    monotonic() {
      catchUp();
      return simulated.monotonic();
    },
    setTimeout(fn, ms) {
      catchUp();
      const handle = simulated.setTimeout(fn, ms);
      arm();
      return handle;
    },
    clearTimeout: handle => simulated.clearTimeout(handle),
    pass,
  };
}
