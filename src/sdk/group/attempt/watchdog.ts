import type { SessionError } from '../../../../machines/vocabulary.ts';
import type { Clock } from '../../clock.ts';
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

/**
 * Limits the duration of one attempt and the silence within it. Measured on the monotonic clock, so that a sleeping
 * machine causes no timeouts.
 */
export function watchAttempt(
  clock: Clock,
  limits: TimeoutsConfig,
  onTimeout: (error: SessionError) => void,
): Watchdog {
  let last = clock.monotonic();
  let idle: unknown;
  let stopped = false;
  const stop = () => {
    stopped = true;
    clock.clearTimeout(idle);
    clock.clearTimeout(whole);
  };
  const fire = (error: SessionError) => {
    stop();
    onTimeout(error);
  };
  const arm = (delayMs: number) => {
    idle = clock.setTimeout(() => {
      const left = last + limits.idle - clock.monotonic();
      if (left > 0) arm(left);
      else fire({ code: 'idle_timeout', message: `no output for ${formatDuration(limits.idle)}` });
    }, delayMs);
  };
  const whole = clock.setTimeout(
    () =>
      fire({
        code: 'attempt_timeout',
        message: `the attempt took longer than ${formatDuration(limits.attempt)}`,
      }),
    limits.attempt,
  );
  arm(limits.idle);
  return {
    touch() {
      last = clock.monotonic();
    },
    hold() {
      clock.clearTimeout(idle);
      idle = undefined;
    },
    release() {
      last = clock.monotonic();
      if (idle === undefined && !stopped) arm(limits.idle);
    },
    stop,
  };
}
