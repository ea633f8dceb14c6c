/** The parts of an output that are ended by NUL. */
export function parts(output: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let start = 0; start < output.length; ) {
    const end = output.indexOf(0, start);
    found.push(output.subarray(start, end === -1 ? output.length : end));
    if (end === -1) break;
    start = end + 1;
  }
  return found;
}

/** Parts joined the same way, as an input. */
export const joined = (names: readonly (string | Buffer)[]): Buffer =>
  Buffer.concat(names.flatMap(name => [Buffer.from(name), Buffer.of(0)]));

/** An output of one line. */
export const line = (output: Buffer): string => output.toString('utf8').replace(/\n$/, '');

/**
 * A path as git and the file system know it: bytes, held as a string of one character per byte, so that it can be
 * compared and be a key. `shown` gives it as text.
 */
export type RawPath = string;

export const raw = (path: string | Buffer): RawPath => Buffer.from(path).toString('latin1');
export const bytesOf = (path: RawPath): Buffer => Buffer.from(path, 'latin1');
export const shown = (path: RawPath): string => bytesOf(path).toString('utf8');

/** The path of a file in a tree, for the file system. */
export const fileIn = (folder: string, path: RawPath): Buffer =>
  Buffer.concat([Buffer.from(`${folder}/`), bytesOf(path)]);
