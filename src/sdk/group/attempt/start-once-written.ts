import type { Clock } from '../../clock.ts';
import type { Attempt } from '../../session/agent.ts';

interface Start {
  /** Starts the attempt; undefined if it could not be started, which has been told. */
  readonly begin: () => Attempt | undefined;
  readonly begun: (attempt: Attempt) => void;
  /** It has ended without having begun. */
  readonly interrupted: () => void;
}

/**
 * An attempt that begins once the record of its start is written (RUN-2). If that record is refused, or the attempt is
 * ended before, it never begins, and is interrupted in a later turn.
 */
export function startOnceWritten(
  written: Promise<void>,
  clock: Clock,
  { begin, begun, interrupted }: Start,
): Attempt {
  let attempt: Attempt | undefined;
  let isOver = false;
  const end = (): void => {
    if (isOver) return;
    isOver = true;
    clock.setTimeout(interrupted, 0);
  };
  const start = (): void => {
    if (isOver) return;
    isOver = true;
    attempt = begin();
    if (attempt) begun(attempt);
  };
  written.then(start, end);
  return {
    interrupt: () => (attempt ? attempt.interrupt() : end()),
    terminate: () => (attempt ? attempt.terminate() : end()),
    kill: () => (attempt ? attempt.kill() : end()),
    answerPermission: (...answer) => attempt?.answerPermission(...answer),
    send: message => attempt?.send?.(message),
  };
}
