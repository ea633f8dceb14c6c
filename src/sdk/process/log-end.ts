import { closeSync, openSync, readSync, statSync } from 'node:fs';

/** 0: it is not there. */
export const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

/** The end of what was added to a log since it had this size, in whole lines; a line says that something was left out. */
export function addedTo(path: string, size: number, maxBytes: number): string {
  const now = sizeOf(path);
  const from = now < size ? 0 : size; // what was in its middle was left out
  const begin = Math.max(from, now - maxBytes);
  if (begin >= now) return '';
  const bytes = Buffer.alloc(now - begin);
  const file = openSync(path, 'r');
  try {
    readSync(file, bytes, 0, bytes.length, begin);
  } finally {
    closeSync(file);
  }
  if (begin === from) return bytes.toString();
  const rest = bytes.subarray(bytes.indexOf('\n') + 1);
  return `[session-groups] ${begin - from + bytes.length - rest.length} bytes were left out here.\n${rest.toString()}`;
}
