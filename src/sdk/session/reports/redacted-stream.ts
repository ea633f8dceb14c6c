import { StringDecoder } from 'node:string_decoder';
import type { OutputFilter } from '../../process/collect-output.ts';
import { LONGEST_KEY, openKey, redactor } from './redaction.ts';

/** Of a line without an end, so much is held; the end of what is then handed over is looked at again with what follows. */
const LONGEST_HELD = 64 * 1024;
/** More than a token has, and the login in an address. */
const LONGEST_TOKEN = 4 * 1024;

/**
 * Takes secrets out of a stream of UTF-8 text, wherever its chunks end: whole lines are handed over, and those of a secret
 * of several lines once it is complete.
 *
 * REDACTED-STREAM-1 a value of up to 64 KiB is found however it is cut, and so is a private key.
 * REDACTED-STREAM-2 at most 64 KiB and one value or key are held.
 */
export function redactedStream(secrets: Readonly<Record<string, string>> = {}): OutputFilter {
  const redact = redactor(secrets);
  const values = Object.values(secrets).map(value => value.trim());
  const beginnings = values.flatMap(beginningsOf).sort((a, b) => b.length - a.length);
  const longest = Math.max(LONGEST_TOKEN, ...values.map(value => 2 * value.length));
  const decoder = new StringDecoder('utf8');
  let held = '';

  /** What is complete up to there; its last characters are held. */
  const take = (end: number, kept: number): string => {
    const text = redact(held.slice(0, end));
    let at = Math.max(0, text.length - kept);
    if (/^[\udc00-\udfff]/.test(text.slice(at, at + 1))) at -= 1;
    held = text.slice(at) + held.slice(end);
    return text.slice(0, at);
  };
  const push = (text: string): string => {
    held += text;
    if (held.length <= LONGEST_HELD && !text.includes('\n')) return '';
    const lines = held.lastIndexOf('\n') + 1;
    const isTooLong = held.length - lines > LONGEST_HELD + longest;
    const end = isTooLong ? wordAtEnd(held) : lines;
    const key = openKey(held.slice(0, end));
    const begun = beginnings.find(beginning => held.startsWith(beginning, end - beginning.length));
    const complete = end - (begun?.length ?? 0);
    if (key !== -1 && end - key <= LONGEST_KEY) return take(Math.min(key, complete), 0);
    return isTooLong ? take(end, longest) : take(complete, 0);
  };
  return {
    push: chunk => Buffer.from(push(decoder.write(chunk))),
    end() {
      const rest = push(decoder.end());
      return Buffer.from(rest + take(held.length, 0));
    },
  };
}

/** Of a value of several lines: its first one, its first two, … */
function beginningsOf(value: string): string[] {
  const lines = value.split('\n').map(line => line.replace(/\r$/, ''));
  return lines.slice(1).flatMap((_, at) => {
    const begun = lines.slice(0, at + 1);
    return [`${begun.join('\n')}\n`, `${begun.join('\r\n')}\r\n`];
  });
}

/** Where the last word begins: a token may go on. */
function wordAtEnd(text: string): number {
  let at = text.length;
  while (at > text.length - LONGEST_TOKEN && /[\w.~+/=-]/.test(text[at - 1] ?? '')) at -= 1;
  return at;
}
