import { given } from '../../given.ts';
import { codeFrame } from './code-frame.ts';
import type { Diagnostic, RelatedPlace } from './diagnostics.ts';
import type { DocumentSource } from './document-source.ts';
import { type Place, placeOf, type SourceText } from './source-text.ts';

/**
 * A problem found by a check of a definition, with its path in the document. Checks don't know about files and lines;
 * `locate` adds them, so the same checks work for files and for objects in code.
 */
export interface Finding {
  /** Default: error. */
  readonly severity?: 'error' | 'warning';
  readonly code: string;
  readonly message: string;
  readonly path: readonly (string | number)[];
  readonly suggestion?: string | undefined;
  /** Message and suggestion with the value as its author wrote it (`007`), for a document that has it. */
  readonly asWritten?: (written: string) => Pick<Finding, 'message' | 'suggestion'>;
  /** Whether it points at the key or (default) the value of the path. */
  readonly points?: 'key' | 'value';
  /** A place within the text at the path, or in `text` if that came from another file. */
  readonly within?: Place & { readonly length: number; readonly text?: SourceText };
  /** A related place in another file: `declared at`. */
  readonly related?: { readonly message: string; readonly text: SourceText; readonly place: Place };
  /** True: the value is a secret and must not appear in any finding. */
  readonly secret?: boolean;
}

/** Adds the places of all findings, with secrets masked; the first thousand show their lines. */
export function locateAll(findings: readonly Finding[], document: DocumentSource | undefined): Diagnostic[] {
  const hidden = findings.filter(finding => finding.secret === true);
  const secrets = document === undefined ? [] : hidden.map(({ path }) => document.span(path, 'whole'));
  const covered = document === undefined ? undefined : { ...document, secrets };
  const framesAll = findings.length <= MOST_FRAMES;
  const located = findings.map(finding => locate(finding, covered, framesAll));
  if (framesAll) return located;
  const first = new Set([...located].sort(byPlace).slice(0, MOST_FRAMES));
  return located.map((diagnostic, index) => {
    const finding = findings[index];
    return finding !== undefined && first.has(diagnostic) ? locate(finding, covered) : diagnostic;
  });
}

/** Of hundreds of thousands, nobody reads all. */
const MOST_FRAMES = 1_000;

/** By position; those without one come first. */
export function byPlace(a: Diagnostic, b: Diagnostic): number {
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}

export function locate(finding: Finding, document?: DocumentSource, framed = true): Diagnostic {
  const { severity = 'error', code, path } = finding;
  const { message, suggestion } = inItsWords(finding, document);
  const places = { ...placed(finding, document, framed), ...relatedTo(finding, document) };
  return { severity, code, message, path, ...places, ...(suggestion === undefined ? {} : { suggestion }) };
}

function inItsWords(finding: Finding, document: DocumentSource | undefined) {
  const { asWritten, path } = finding;
  if (asWritten === undefined || document === undefined) return finding;
  const { start, end } = document.span(path, 'value');
  const written = document.text.slice(start, end);
  return written.startsWith('*') ? finding : asWritten(written); // an alias
}

/** For a place in another file: also the place in the definition that names it. */
function relatedTo(
  { within, path, related }: Finding,
  document: DocumentSource | undefined,
): Pick<Diagnostic, 'related'> {
  const places: RelatedPlace[] = [];
  if (related !== undefined) places.push(relatedPlace(related.message, related.text, related.place));
  if (within?.text !== undefined && document !== undefined && path.length > 0) {
    places.push(relatedPlace('named at', document, placeOf(document, document.span(path, 'value').start)));
  }
  return places.length === 0 ? {} : { related: places };
}

function relatedPlace(message: string, { file }: SourceText, { line, column }: Place): RelatedPlace {
  return given({ message, file, line, column });
}

type Placed = Pick<Diagnostic, 'file' | 'line' | 'column' | 'frame'>;

function placed(finding: Finding, document: DocumentSource | undefined, framed: boolean): Placed {
  const { within } = finding;
  if (within?.text !== undefined) return placedIn(within.text, within, within.length, framed);
  if (document === undefined) return {};
  const inside = within && document.inText(finding.path, within);
  if (inside !== undefined) return placedIn(document, inside, within?.length ?? 1, framed);
  const { start, end } = document.span(finding.path, finding.points ?? 'value');
  return placedIn(document, placeOf(document, start), end - start, framed);
}

function placedIn(source: SourceText, { line, column }: Place, length: number, framed: boolean): Placed {
  const { file } = source;
  return {
    ...(file === undefined ? {} : { file }),
    line,
    column,
    ...(framed ? { frame: codeFrame(source, { line, column }, length) } : {}),
  };
}
