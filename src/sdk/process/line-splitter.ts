/** Longer lines are cut here; the rest up to the newline is dropped. */
export const LONGEST_LINE_BYTES = 16 * 1024 * 1024;

const NEWLINE = 0x0a;

/**
 * Splits a byte stream into UTF-8 lines. Buffers at most one line of `longest` bytes, in the chunks it came in, so a
 * line of many megabytes costs one copy. Invalid UTF-8 becomes U+FFFD.
 */
export function lineSplitter(
  onLine: (line: string, truncated: boolean) => void,
  longest = LONGEST_LINE_BYTES,
) {
  let held: Buffer[] = [];
  let heldBytes = 0;
  let truncated = false;

  const hold = (part: Buffer): void => {
    const room = longest - heldBytes;
    if (part.length > room) truncated = true;
    if (room <= 0 || part.length === 0) return;
    const kept = part.length > room ? part.subarray(0, room) : part;
    held.push(kept);
    heldBytes += kept.length;
  };

  const flush = (): void => {
    const [first] = held;
    const line = held.length === 1 && first ? first : Buffer.concat(held, heldBytes);
    const wasTruncated = truncated;
    held = [];
    heldBytes = 0;
    truncated = false;
    onLine(line.toString('utf8'), wasTruncated);
  };

  return {
    push(chunk: Buffer): void {
      let start = 0;
      for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, start)) {
        hold(chunk.subarray(start, at));
        flush();
        start = at + 1;
      }
      hold(chunk.subarray(start));
    },
    /** Hands over the last line if it has no newline. */
    end(): void {
      if (heldBytes > 0) flush();
    },
  };
}
