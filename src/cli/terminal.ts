import { styleText } from 'node:util';
import type { CliIo, OutputStream } from './io.ts';

/** What a stream can show. */
export interface Look {
  readonly color: boolean;
  readonly unicode: boolean;
}

export type Format = Parameters<typeof styleText>[0];
export type Paint = (format: Format, text: string) => string;

export function lookOf(stream: OutputStream, env: CliIo['env']): Look {
  return { color: hasColor(stream, env), unicode: isUtf8(env) };
}

/** Whether a picture can be redrawn in place there; a terminal that was never given a size has 0 columns. */
export function canRedraw(stream: OutputStream, env: CliIo['env']): boolean {
  return stream.isTTY === true && stream.columns !== 0 && env.TERM !== 'dumb' && !isSet(env.CI);
}

/** Colours when `color`, the bare text otherwise. */
export function painter(color: boolean): Paint {
  return color ? (format, text) => styleText(format, text, { validateStream: false }) : (_, text) => text;
}

/** https://no-color.org: any value but the empty one switches colours off. */
function hasColor(stream: OutputStream, env: CliIo['env']): boolean {
  if (isSet(env.NO_COLOR)) return false;
  const forced = env.FORCE_COLOR;
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  return stream.isTTY === true && env.TERM !== 'dumb';
}

/** POSIX: the first of these that is set decides. Without any the C locale would; most terminals are UTF-8 by now. */
function isUtf8(env: CliIo['env']): boolean {
  const locale = [env.LC_ALL, env.LC_CTYPE, env.LANG].find(isSet);
  return locale === undefined ? env.TERM !== 'linux' : /utf-?8/i.test(locale);
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== '';
}
