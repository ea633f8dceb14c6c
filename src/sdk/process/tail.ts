/** A program that prints line by line would leave thousands of buffers: smaller chunks are copied into blocks. */
const SMALL = 16 * 1024;
const LARGEST_BLOCK = 64 * 1024;
const NO_BLOCK = Buffer.alloc(0);

/** Keeps the last `limit` bytes of a stream; buffers at most twice that, or one more chunk, and a block. */
export function tail(limit: number) {
  let chunks: Buffer[] = [];
  /** What comes after them: its first `used` bytes. */
  let block = NO_BLOCK;
  let used = 0;
  let bytes = 0;
  let wasCut = false;

  const seal = (): void => {
    if (used > 0) chunks.push(block.subarray(0, used));
    block = NO_BLOCK;
    used = 0;
  };

  const compact = (): Buffer => {
    seal();
    const all = Buffer.concat(chunks, bytes);
    if (all.length > limit) wasCut = true;
    const last = all.subarray(Math.max(0, all.length - limit));
    // A copy, so that the large buffers behind it can be freed.
    chunks = [Buffer.from(last)];
    bytes = last.length;
    return last;
  };

  const copy = (part: Buffer): void => {
    if (used + part.length > block.length) {
      const size = Math.max(part.length, Math.min(LARGEST_BLOCK, 2 * block.length, limit));
      seal();
      block = Buffer.allocUnsafeSlow(Math.max(size, Math.min(1_024, limit)));
    }
    part.copy(block, used);
    used += part.length;
  };

  return {
    push(chunk: Buffer): void {
      if (chunk.length > limit) wasCut = true;
      const part = chunk.subarray(Math.max(0, chunk.length - limit));
      if (part.length < SMALL) copy(part);
      else {
        seal();
        chunks.push(part);
      }
      bytes += part.length;
      if (bytes > 2 * limit) compact();
    },
    /** The last bytes as text, starting at a character boundary. */
    text(): string {
      const last = compact();
      let start = 0;
      // UTF-8 continuation bytes (10xxxxxx) at the start belong to a character that was cut off.
      while (wasCut && start < 3 && ((last[start] ?? 0) & 0xc0) === 0x80) start += 1;
      return last.toString('utf8', start);
    },
  };
}
