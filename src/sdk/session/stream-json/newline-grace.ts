import type { Clock } from '../../clock.ts';
import type { UnfinishedLine } from '../../process/line-splitter.ts';
import { endsWithMessage } from './pieces.ts';

/** A program writes a message and its newline at once. */
const GRACE_MS = 1_000;

/**
 * A line that ends with a whole message, and has not grown for a while, is complete: its newline will not come, and who
 * waits for it would wait for a program that waits, too.
 */
export function newlineGrace(clock: Clock) {
  let timer: unknown;
  const ended = (): void => clock.clearTimeout(timer);
  return {
    grew(line: UnfinishedLine): void {
      ended();
      timer = clock.setTimeout(() => {
        if (endsWithMessage(line.text())) line.finish();
      }, GRACE_MS);
    },
    /** Call when a line has ended, and when the program has. */
    ended,
  };
}
