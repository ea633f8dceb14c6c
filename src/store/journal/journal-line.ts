import { crc32 } from 'node:zlib';
import { isMap } from '../../sdk/group/document/session-view.ts';
import { parseJson } from '../../sdk/json.ts';

/**
 * Encodes a journal line: the record as JSON whose last key, `"crc"`, is the checksum of it and all lines before it. So
 * a changed, repeated, moved or lost line is detected anywhere, even among records without a `seq`.
 *
 * @returns `bytes` with the newline, until the next line is encoded: keep a copy.
 */
export function encodeLine(
  record: object,
  previous: number,
): { readonly bytes: Buffer; readonly crc: number } {
  const text = JSON.stringify(record);
  const room =
    text.length <= SHORT ? shared : Buffer.allocUnsafeSlow(Buffer.byteLength(text) + TAIL_LENGTH + 1);
  const end = room.write(text) - 1;
  const crc = crc32(room.subarray(0, end), previous);
  return { bytes: room.subarray(0, end + room.write(`${tailOf(crc)}\n`, end, 'latin1')), crc };
}

/** Characters, of up to three bytes. */
const SHORT = 16 * 1024;

export type DecodedLine =
  | { readonly ok: true; readonly value: Readonly<Record<string, unknown>>; readonly crc: number }
  /** `parsed`: a JSON object, but not the one that was written. */
  | { readonly ok: false; readonly parsed: boolean; readonly reason: string };

/** @param line without the newline. */
export function decodeLine(line: Buffer, previous: number): DecodedLine {
  const { body, crc, fits } = summed(line, previous);
  if (body === undefined) return refused(line, 'no checksum at the end of the line');
  if (!fits) return refused(line, MOVED);
  const value = parse(`${body.toString('utf8')}}`);
  return value === undefined ? refused(line, 'not a JSON object') : { ok: true, value, crc };
}

/**
 * Updates the checksum of a line in place, for changed lines before it.
 *
 * @param before checksum of the lines before it, old and new.
 * @returns the checksums including this line; undefined if its old checksum was wrong.
 */
export function rechain(line: Buffer, before: Chain): Chain | undefined {
  const { body, crc: was, fits } = summed(line, before.was);
  if (body === undefined || !fits) return undefined;
  const is = crc32(body, before.is);
  line.write(tailOf(is), body.length, 'latin1');
  return { was, is };
}

export interface Chain {
  readonly was: number;
  readonly is: number;
}

const MOVED = 'checksum mismatch: this line was changed, or a line was removed, repeated or moved';

/** The line without its checksum, if it has one, and whether that checksum is correct. */
function summed(line: Buffer, previous: number) {
  const end = line.length - TAIL_LENGTH;
  const tail = end > 0 ? TAIL.exec(line.toString('latin1', end)) : null;
  if (!tail) return { body: undefined, crc: 0, fits: false };
  const body = line.subarray(0, end);
  const crc = crc32(body, previous);
  return { body, crc, fits: tail[1] === hex(crc) };
}

/** Whether it starts with a whole record followed by more: then its newline was changed, not cut off. */
export function startsWithWholeLine(rest: Buffer, previous: number): boolean {
  for (const found of rest.toString('latin1').matchAll(TAILS)) {
    const isLast = found.index + TAIL_LENGTH === rest.length;
    if (!isLast && found[1] === hex(crc32(rest.subarray(0, found.index), previous))) return true;
  }
  return false;
}

const TAILS = /,"crc":"([0-9a-f]{8})"\}/g;
const TAIL = /^,"crc":"([0-9a-f]{8})"\}$/;
const TAIL_LENGTH = ',"crc":"00000000"}'.length;

/** Of short lines, one after the other. */
const shared = Buffer.allocUnsafeSlow(3 * SHORT + TAIL_LENGTH + 1);

const tailOf = (crc: number): string => `,"crc":"${hex(crc)}"}`;

const hex = (crc: number): string => {
  const [first, second] = [HEX[crc >>> 24], HEX[(crc >>> 16) & 0xff]];
  return `${first}${second}${HEX[(crc >>> 8) & 0xff]}${HEX[crc & 0xff]}`;
};

/** Of each byte. */
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

function refused(line: Buffer, reason: string): DecodedLine {
  const parsed = parse(line.toString('utf8')) !== undefined;
  return { ok: false, parsed, reason: parsed ? reason : 'not a JSON object' };
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  const value = parseJson(text);
  return isMap(value) ? value : undefined;
}
