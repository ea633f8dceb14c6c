/** Longer lines are cut here, unless told otherwise. */
export const LONGEST_LINE_BYTES = 16 * 1024 * 1024;

const NEWLINE = 0x0a;

/** The present line of a stream, until more of it arrives. */
export interface UnfinishedLine {
  text(): string;
  /** Hands it over as if its newline had come. */
  finish(): void;
}

/** What a line is, apart from its text. */
export interface LineHandlers {
  /**
   * A line without its newline; the last one may be unterminated. `truncated`: it was cut at the longest, and the rest of
   * it dropped. Must not throw.
   */
  onLine(line: string, truncated: boolean): void;
  /** A line has grown by so many bytes, and its newline has not come yet. */
  onUnfinished?(bytes: number, line: UnfinishedLine): void;
  /** A line has become too long; its newline may never come. */
  onTooLong?(): void;
}

/**
 * Splits a byte stream into UTF-8 lines, at `\n` and nowhere else. Buffers at most one line of `longest` bytes, in the
 * chunks it came in, so a line of many megabytes costs one copy. Invalid UTF-8 becomes U+FFFD.
 */
export function lineSplitter(handlers: LineHandlers | LineHandlers['onLine'], longest = LONGEST_LINE_BYTES) {
  const { onLine, onUnfinished, onTooLong }: LineHandlers =
    typeof handlers === 'function' ? { onLine: handlers } : handlers;
  let held: Buffer[] = [];
  let heldBytes = 0;
  let truncated = false;

  const hold = (part: Buffer): void => {
    const room = longest - heldBytes;
    const kept = part.length > room ? part.subarray(0, room) : part;
    if (kept.length > 0) held.push(kept);
    heldBytes += kept.length;
    if (part.length <= room || truncated) return;
    truncated = true;
    onTooLong?.();
  };

  const text = (): string => {
    const [first] = held;
    return (held.length === 1 && first ? first : Buffer.concat(held, heldBytes)).toString('utf8');
  };

  const flush = (): void => {
    const line = text();
    const wasTruncated = truncated;
    held = [];
    heldBytes = 0;
    truncated = false;
    onLine(line, wasTruncated);
  };

  /** Lines that begin and end in one chunk are decoded at once: no part of a character is a newline. */
  const whole = (chunk: Buffer, from: number, to: number): void => {
    if (to - from <= longest) {
      for (const line of chunk.toString('utf8', from, to).split('\n')) onLine(line, false);
      return;
    }
    let start = from;
    for (let at = chunk.indexOf(NEWLINE, start); at !== -1 && at <= to; at = chunk.indexOf(NEWLINE, start)) {
      hold(chunk.subarray(start, at));
      flush();
      start = at + 1;
    }
  };

  const end = (): void => {
    if (heldBytes > 0) flush();
  };
  const unfinished: UnfinishedLine = { text, finish: end };

  return {
    push(chunk: Buffer): void {
      let start = 0;
      const first = chunk.indexOf(NEWLINE);
      if (first !== -1) {
        hold(chunk.subarray(0, first));
        flush();
        start = first + 1;
        const last = chunk.lastIndexOf(NEWLINE);
        if (last > first) {
          whole(chunk, start, last);
          start = last + 1;
        }
      }
      if (start === chunk.length) return;
      hold(chunk.subarray(start));
      onUnfinished?.(chunk.length - start, unfinished);
    },
    /** Hands over the last line if it has no newline. */
    end,
  };
}
