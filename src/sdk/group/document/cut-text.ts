/** How much of a result goes into a prompt, an event and the journal, in bytes of UTF-8. */
export const LONGEST_RESULT_BYTES = 64 * 1024;

/**
 * The text, or its beginning with a note that it was truncated. Invariants: the returned text never exceeds `limit`
 * bytes of UTF-8, so truncating it again changes nothing; no character is split.
 * @param file where the full text is stored; undefined: nowhere.
 */
export function cutText(text: string, file?: string, limit = LONGEST_RESULT_BYTES): string {
  if (text.length * 3 <= limit) return text;
  const bytes = Buffer.byteLength(text);
  if (bytes <= limit) return text;
  const note = noteFor(bytes, file);
  const room = new Uint8Array(Math.max(0, limit - Buffer.byteLength(note)));
  const { read } = new TextEncoder().encodeInto(text, room);
  return text.slice(0, read) + note;
}

const noteFor = (bytes: number, file: string | undefined): string =>
  `\n\n[truncated: this is the beginning of ${bytes} bytes${file === undefined ? '' : `; the full text is in ${file}`}]`;
