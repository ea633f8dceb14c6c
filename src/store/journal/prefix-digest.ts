import { crc32 } from 'node:zlib';
import type { DiskFile } from '../../sdk/disk.ts';

const CHUNK_BYTES = 256 * 1024;

/** Checksum of the first `bytes` of a file, in bounded memory; undefined if the file is shorter. */
export function prefixDigest(file: DiskFile, bytes: number): number | undefined {
  const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, bytes));
  let digest = 0;
  for (let at = 0; at < bytes; ) {
    const count = file.read(chunk.subarray(0, bytes - at), at);
    if (count === 0) return undefined;
    digest = crc32(chunk.subarray(0, count), digest);
    at += count;
  }
  return digest;
}
