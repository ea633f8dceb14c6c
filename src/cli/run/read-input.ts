import { LARGEST_FILE } from '../../sdk/group/document/read-text.ts';
import { UsageError } from '../exit-codes.ts';
import type { CliIo } from '../io.ts';

/** The text that comes through standard input, as much as a file may have. @throws UsageError. */
export async function readInput({ stdin }: CliIo): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stdin[Symbol.asyncIterator] ? (stdin as AsyncIterable<unknown>) : []) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    if (!(bytes instanceof Uint8Array)) continue;
    size += bytes.length;
    if (size > LARGEST_FILE) {
      const most = `${LARGEST_FILE / 1024 / 1024} MB`;
      throw new UsageError(`standard input has more than ${most}`, undefined, 'file_too_large');
    }
    chunks.push(bytes);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    throw new UsageError('standard input is not UTF-8 text', undefined, 'not_utf8');
  }
}
