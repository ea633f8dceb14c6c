import { closeSync, fstatSync, mkdirSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

export interface AppendingFile {
  write(chunk: Buffer): void;
  close(): void;
}

/** How large a log may become. */
export interface LogBound {
  readonly maxBytes: number;
  /** The line that stands in the file for bytes that were left out; contains their number as the first one in it. */
  note(bytes: number): string;
  /** Called once, when the first bytes are left out. */
  onLeftOut?(): void;
}

/** Of a log that has become too large, this much of its bound is kept: its beginning, and what came last. */
const KEPT = { beginning: 1 / 8, end: 3 / 8 };
const LONGEST_NOTE = 1_000;
const NEWLINE = 10;

/**
 * A log file that is written chunk by chunk, so that a crash loses nothing. A log must not break what it logs: if
 * the file can't be opened or written (the disk is full, say), everything after that is dropped silently.
 *
 * APPENDING-FILE-1 it never grows over its bound (by more than one chunk that is larger than half of it): what is in
 *    the middle is left out, in whole lines where there are any, and a note says how much.
 * APPENDING-FILE-2 at every moment, either the file with what is left out or the one without it is there, complete.
 */
export function appendingFile(path: string, bound: LogBound): AppendingFile {
  let fd: number | undefined;
  let size = 0;
  let leftOut = false;
  const close = (): void => {
    if (fd === undefined) return;
    const open = fd;
    fd = undefined;
    quietly(() => closeSync(open));
  };
  const open = (): number => {
    const opened = openSync(path, 'a+', 0o600);
    fd = opened;
    size = fstatSync(opened).size;
    return opened;
  };
  const append = (chunk: Buffer): void => {
    let target = fd;
    if (target === undefined) return;
    if (size > 0 && size + chunk.length > bound.maxBytes) {
      leaveOut(path, target, size, bound);
      close();
      target = open();
      if (!leftOut) bound.onLeftOut?.();
      leftOut = true;
    }
    size += writeSync(target, chunk);
  };
  quietly(() => {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    open();
  });
  return {
    write(chunk) {
      if (!quietly(() => append(chunk))) close();
    },
    close,
  };
}

const TEXT_LOG_BYTES = 8 * 1024 * 1024;

/** A log of what a program prints, at most 8 MiB. */
export const textLog = (path: string, onLeftOut?: () => void): AppendingFile =>
  appendingFile(path, {
    maxBytes: TEXT_LOG_BYTES,
    note: bytes =>
      `[session-groups] ${bytes} bytes were left out here: this file keeps the beginning and the end, at most 8 MiB.`,
    ...(onLeftOut && { onLeftOut }),
  });

/** Replaces the file by its beginning, a note and its end. */
function leaveOut(path: string, fd: number, size: number, { maxBytes, note }: LogBound): void {
  const most = Math.floor(maxBytes * KEPT.beginning);
  const head = read(fd, 0, most + LONGEST_NOTE);
  const earlier = noteIn(head, note);
  const beginning = earlier ? head.subarray(0, earlier.at) : wholeLines(head.subarray(0, most));
  const endAt = size - Math.floor(maxBytes * KEPT.end);
  const end = read(fd, endAt, size - endAt);
  const firstLine = end.indexOf('\n') + 1;
  // The note's own newline stands for the one that ended the beginning.
  const replaced = earlier?.length ?? (head[beginning.length] === NEWLINE ? 1 : 0);
  const leftOutNow = endAt + firstLine - beginning.length - replaced;
  const bytes = leftOutNow + (earlier?.bytes ?? 0);
  const part = `${path}.part`;
  const target = openSync(part, 'w', 0o600);
  try {
    writeAll(target, Buffer.concat([beginning, Buffer.from(noteLine(bytes, note)), end.subarray(firstLine)]));
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  } finally {
    closeSync(target);
  }
  renameSync(part, path);
}

/** On a line of its own, also after a beginning that is part of one long line. */
const noteLine = (bytes: number, note: LogBound['note']): string => `\n${note(bytes)}\n`;

/** The note of an earlier time, which stands after the beginning that is kept. */
function noteIn(head: Buffer, note: LogBound['note']) {
  const [prefix = ''] = note(0).split('0');
  const at = head.indexOf(`\n${prefix}`);
  if (at === -1) return undefined;
  const text = head.subarray(at, at + LONGEST_NOTE).toString();
  const bytes = Number(/\d+/.exec(text)?.[0] ?? 0);
  const line = noteLine(bytes, note);
  return text.startsWith(line) ? { at, length: Buffer.byteLength(line), bytes } : undefined;
}

function wholeLines(bytes: Buffer): Buffer {
  const end = bytes.lastIndexOf('\n');
  return end === -1 ? bytes : bytes.subarray(0, end);
}

function read(fd: number, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let count = 0;
  for (let got = -1; got !== 0 && count < length; count += got) {
    got = readSync(fd, bytes, count, length - count, position + count);
  }
  return bytes.subarray(0, count);
}

function writeAll(fd: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
}

function quietly(action: () => void): boolean {
  try {
    action();
    return true;
  } catch {
    return false;
  }
}
