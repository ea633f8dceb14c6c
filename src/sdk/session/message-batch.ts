import type { Clock } from '../clock.ts';

const WINDOW_MS = 100;
const SINGLE_LINES = 20;
const LONGEST_MESSAGE = 16 * 1024;

/**
 * Turns the lines that a program prints into messages, at most 21 per 100 ms: the first 20 lines one by one, the rest
 * joined. A message has at most 16 Ki characters and says how much was cut off; blank lines are skipped.
 */
export function messageBatch(onMessage: (text: string) => void, clock: Clock) {
  let windowEnds = Number.NEGATIVE_INFINITY;
  let count = 0;
  let held: string[] = [];
  let heldLength = 0;
  let dropped = 0;
  let timer: unknown;

  const hold = (line: string): void => {
    if (heldLength + line.length > LONGEST_MESSAGE) dropped += 1;
    else {
      held.push(line);
      heldLength += line.length + 1;
    }
    timer ??= clock.setTimeout(flush, windowEnds - clock.monotonic());
  };

  const flush = (): void => {
    clock.clearTimeout(timer);
    timer = undefined;
    if (held.length === 0 && dropped === 0) return;
    const text = held.join('\n');
    const note = dropped > 0 ? `[${dropped} more lines]` : '';
    held = [];
    heldLength = 0;
    dropped = 0;
    onMessage([text, note].filter(part => part !== '').join('\n'));
  };

  return {
    /** Until the present window has ended, lines are only counted. */
    get isFull(): boolean {
      return dropped > 0;
    },
    /** Counts lines that need not be read, while it is full. */
    drop(lines: number): void {
      dropped += lines;
    },
    push(line: string): void {
      if (line.trim() === '') return;
      const now = clock.monotonic();
      if (now >= windowEnds) {
        flush();
        windowEnds = now + WINDOW_MS;
        count = 0;
      }
      count += 1;
      if (count <= SINGLE_LINES) onMessage(shortened(line));
      else hold(shortened(line));
    },
    /** Emits what is buffered. */
    flush,
  };
}

function shortened(line: string): string {
  const room = LONGEST_MESSAGE - 64;
  return line.length <= room ? line : `${line.slice(0, room)} [${line.length - room} more characters]`;
}
