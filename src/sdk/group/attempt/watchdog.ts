import type { SessionError } from '../../../../machines/vocabulary.ts';
import { AWAKE_STEP_MS, type Clock, LATE_MS } from '../../clock.ts';
import { formatDuration } from '../../format.ts';
import type { TimeoutsConfig } from '../types.ts';

export interface Watchdog {
  /** A sign of life: restarts the idle timeout. Needs no new timer. */
  touch(): void;
  /** Suspends the idle timeout while a person is asked, even if the agent reports something else meanwhile. */
  hold(): void;
  /** The person has answered, or the request was withdrawn. */
  release(): void;
  stop(): void;
}

/** A short idle timeout is looked at this many times. */
const LOOKS = 4;

/**
 * Limits the duration of one attempt and the silence within it. Measured on the monotonic clock, so that a sleeping
 * machine causes no timeouts. A timer that is late has been frozen with the process, and most likely with the agent:
 * the silence is measured again from then on, and that time is not the attempt's. It is looked at in short steps, since
 * only a freeze that is over before the next look counts.
 */
export function watchAttempt(
  clock: Clock,
  limits: TimeoutsConfig,
  onTimeout: (error: SessionError) => void,
): Watchdog {
  let last = clock.monotonic();
  let ends = last + limits.attempt;
  let held = false;
  let timer: unknown;
  let due = last;
  let stopped = false;
  const step = Math.min(limits.idle / LOOKS, AWAKE_STEP_MS);
  const stop = () => {
    stopped = true;
    clock.clearTimeout(timer);
  };
  const fire = (error: SessionError) => {
    stop();
    onTimeout(error);
  };
  const arm = () => {
    const now = clock.monotonic();
    const silent = held ? Number.POSITIVE_INFINITY : last + limits.idle;
    due = Math.min(ends, silent, now + step);
    timer = clock.setTimeout(look, due - now);
  };
  const passFreeze = (now: number) => {
    if (now - due <= LATE_MS) return;
    last = now;
    ends += now - due;
  };
  const look = () => {
    const now = clock.monotonic();
    passFreeze(now);
    if (now >= ends) {
      const message = `the attempt took longer than ${formatDuration(limits.attempt)}`;
      fire({ code: 'attempt_timeout', message });
    } else if (!held && now >= last + limits.idle) {
      fire({ code: 'idle_timeout', message: `no sign of work for ${formatDuration(limits.idle)}` });
    } else arm();
  };
  arm();
  return {
    touch() {
      last = clock.monotonic();
    },
    hold() {
      held = true;
    },
    release() {
      last = clock.monotonic();
      held = false;
      if (stopped) return;
      clock.clearTimeout(timer);
      passFreeze(last); // the answer may be heard before the timer is
      arm();
    },
    stop,
  };
}
