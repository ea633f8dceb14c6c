import { styleText } from 'node:util';
import type { ThrownCode } from '../../error-codes.ts';
import { counted } from '../../format.ts';
import { DefinitionError, type Diagnostic } from './diagnostics.ts';
import { shownPath, visible } from './visible.ts';

/** Options of `renderDiagnostics`. */
export interface RenderOptions {
  /** Default: false. */
  readonly color?: boolean;
}

/**
 * A diagnostic for people: `file.yaml:12:7 error unknown_key sessions[2].promt: unknown key "promt"`, the surrounding
 * lines with a caret, and the suggestion. No control characters from the file reach the terminal.
 */
export function renderDiagnostic(diagnostic: Diagnostic, options: RenderOptions = {}): string {
  const paint = (style: Parameters<typeof styleText>[0], text: string) =>
    options.color === true ? styleText(style, text, { validateStream: false }) : text;
  const place = [diagnostic.file, diagnostic.line, diagnostic.column].filter(part => part !== undefined);
  const path = shownPath(diagnostic.path);
  const head = [
    place.length === 0 ? '' : paint('bold', oneLine(place.join(':'))),
    paint(diagnostic.severity === 'error' ? 'red' : 'yellow', diagnostic.severity),
    diagnostic.code,
    `${path === '' ? '' : `${path}: `}${oneLine(diagnostic.message)}`,
  ];
  const lines = [head.filter(part => part !== '').join(' ')];
  if (diagnostic.frame !== undefined) {
    for (const row of diagnostic.frame.split('\n')) {
      lines.push(row.startsWith('>') ? visible(row) : paint('dim', visible(row)));
    }
  }
  for (const { message, file, line, column } of diagnostic.related ?? []) {
    const at = [file, line, column].filter(part => part !== undefined).join(':');
    lines.push(`  ${paint('dim', `${oneLine(message)} ${oneLine(at)}`)}`);
  }
  if (diagnostic.suggestion !== undefined)
    lines.push(`  ${paint('cyan', `→ ${oneLine(diagnostic.suggestion)}`)}`);
  return lines.join('\n');
}

/** All diagnostics, separated by blank lines, and their count: `2 errors, 1 warning`. */
export function renderDiagnostics(diagnostics: readonly Diagnostic[], options: RenderOptions = {}): string {
  const blocks = diagnostics.map(diagnostic => renderDiagnostic(diagnostic, options));
  return [...blocks, countLine(diagnostics)].join('\n\n');
}

/** `1 error`, `2 errors, 1 warning`, `no problems`. */
export function countLine(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter(diagnostic => diagnostic.severity === 'error').length;
  const counts = { error: errors, warning: diagnostics.length - errors };
  const parts = Object.entries(counts).flatMap(([noun, count]) => (count > 0 ? [counted(count, noun)] : []));
  return parts.join(', ') || 'no problems';
}

/**
 * The error for a definition with these problems; its message has the place of the first error.
 * @param what the file, or what was given in code. Default: definition.
 */
export function definitionError(
  diagnostics: readonly Diagnostic[],
  what = 'definition',
  code?: ThrownCode,
): DefinitionError {
  const first = diagnostics.find(diagnostic => diagnostic.severity === 'error');
  const more = diagnostics.length > 1 ? `${countLine(diagnostics)}, the first` : 'invalid';
  const advice = first?.line === undefined && first?.suggestion !== undefined ? ` (${first.suggestion})` : '';
  const message = `${what}: ${more}${placeOf(first)}: ${first?.message ?? 'invalid definition'}${advice}`;
  return new DefinitionError(message, diagnostics, code);
}

/** The path stands for line and column where there is no file. */
function placeOf({ line, column, path = [] }: Partial<Diagnostic> = {}): string {
  if (line !== undefined) return ` at ${line}:${column}`;
  return path.length === 0 ? '' : ` at ${shownPath(path)}`;
}

function oneLine(text: string): string {
  return visible(text).replaceAll('\t', ' ');
}
