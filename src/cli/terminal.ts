import { styleText } from 'node:util';
import { given } from '../sdk/given.ts';
import type { Diagnostic } from '../sdk/group/document/diagnostics.ts';
import { renderDiagnostic } from '../sdk/group/document/render-diagnostic.ts';
import type { CliIo, OutputStream } from './io.ts';

/** What a stream can show. */
export interface Look {
  readonly color: boolean;
  readonly unicode: boolean;
  /** Where the lines of a terminal end; absent: nowhere. */
  readonly columns?: number;
}

export type Format = Parameters<typeof styleText>[0];
export type Paint = (format: Format, text: string) => string;

export function lookOf(stream: OutputStream, env: CliIo['env']): Look {
  const columns = stream.isTTY === true && stream.columns ? stream.columns : undefined;
  return { color: hasColor(stream, env), unicode: isUtf8(env), ...given({ columns }) };
}

/** Whether output can be redrawn in place; a terminal without a known size has 0 columns. */
export function canRedraw(stream: OutputStream, env: CliIo['env']): boolean {
  return stream.isTTY === true && stream.columns !== 0 && env.TERM !== 'dumb' && !isSet(env.CI);
}

/** Adds colours if `color`, else returns the text as it is. */
export function painter(color: boolean): Paint {
  return color ? (format, text) => styleText(format, text, { validateStream: false }) : (_, text) => text;
}

/** https://no-color.org: any non-empty value disables colours. */
function hasColor(stream: OutputStream, env: CliIo['env']): boolean {
  if (isSet(env.NO_COLOR)) return false;
  const forced = env.FORCE_COLOR;
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  return stream.isTTY === true && env.TERM !== 'dumb';
}

/** POSIX: the first variable that is set decides. Without any it is the C locale, but most terminals are UTF-8. */
function isUtf8(env: CliIo['env']): boolean {
  const locale = [env.LC_ALL, env.LC_CTYPE, env.LANG].find(isSet);
  return locale === undefined ? env.TERM !== 'linux' : /utf-?8/i.test(locale);
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== '';
}

/** Prints diagnostics on stderr. */
export function printDiagnostics(diagnostics: readonly Diagnostic[], { stderr, env }: CliIo): void {
  const { color } = lookOf(stderr, env);
  for (const diagnostic of diagnostics) stderr.write(`${renderDiagnostic(diagnostic, { color })}\n`);
}
