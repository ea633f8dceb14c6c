/** Of a result this much is put into a prompt, an event and the journal, in bytes of UTF-8. */
export const LONGEST_RESULT_BYTES = 64 * 1024;

/**
 * The text, or its beginning and a note that says so. Invariants: what comes out is never longer than `limit` bytes of
 * UTF-8, so that cutting it again changes nothing; no character is cut in two.
 * @param file where the whole is kept; undefined: nowhere that has a name.
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
  `\n\n[cut here: this is the beginning of ${bytes} bytes${file === undefined ? '' : `; the whole is in ${file}`}]`;
