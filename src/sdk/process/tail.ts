/** Keeps the last `limit` bytes of a stream; buffers at most twice that, or one more chunk. */
export function tail(limit: number) {
  let chunks: Buffer[] = [];
  let bytes = 0;
  let wasCut = false;

  const compact = (): Buffer => {
    const all = Buffer.concat(chunks, bytes);
    if (all.length > limit) wasCut = true;
    const last = all.subarray(Math.max(0, all.length - limit));
    // A copy, so that the large buffers behind it can be freed.
    chunks = [Buffer.from(last)];
    bytes = last.length;
    return last;
  };

  return {
    push(chunk: Buffer): void {
      if (chunk.length > limit) wasCut = true;
      const part = chunk.subarray(Math.max(0, chunk.length - limit));
      chunks.push(part);
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
