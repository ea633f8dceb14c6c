import { isObject } from '../../argument.ts';
import { cleanLine } from '../../clean-text.ts';
import { type Redact, redactor } from './redaction.ts';
import { MAIN_FIELDS, mainField } from './whole-input.ts';

/**
 * What a tool is called with, as one line: what people recognise the call by. Nothing else of an input is shown in a
 * transcript, so that the content of a file that is written, say, is in no journal.
 *
 * TOOL-INPUT-1 a line is clean, and has at most 200 characters.
 * TOOL-INPUT-2 secrets are replaced before anything is cut, and in what is shown, so that no part of one is left.
 */

const LONGEST_LINE = 200;
/** What is read of each field, and how many fields: more than a line can show. */
const LONGEST_FIELD = 4_000;
const MOST_FIELDS = 30;
/** Of a tool that isn't known, so many fields are shown, if they are short. */
const SHORT_FIELD = 100;
const SHOWN_FIELDS = 3;

/** Where a search looks. */
const PLACES = ['path', 'glob'] as const;
/** The others are shown only if they are short. */
const LONG_FIELDS: ReadonlySet<string> = new Set([...MAIN_FIELDS, ...PLACES]);

type Fields = Readonly<Record<string, unknown>>;

/** What of an input a line is made from: a copy, in bounds. @param redact takes the secrets out of what is cut. */
export function inputFields(input: Fields, redact: Redact = redactor()): Fields {
  const fields: Record<string, string | number | boolean> = {};
  let count = 0;
  for (const name in input) {
    if (++count > MOST_FIELDS) break;
    const value = input[name];
    const isShown = typeof value === 'string' && (value.length <= SHORT_FIELD || LONG_FIELDS.has(name));
    if (isShown) fields[cut(name, SHORT_FIELD, redact)] = cut(value, LONGEST_FIELD, redact);
    else if (typeof value === 'number' || typeof value === 'boolean')
      fields[cut(name, SHORT_FIELD, redact)] = value;
  }
  return fields;
}

const cut = (text: string, longest: number, redact: Redact): string =>
  text.length <= longest ? text : redact(text).slice(0, longest);

/** Of a refused call, as it is: a rule that would allow it is made from that. Not yet in bounds, and with secrets. */
export function refusedInput(input: Fields | undefined): string | undefined {
  if (!input || Object.keys(input).length === 0) return undefined;
  return mainField(input) ?? JSON.stringify(input);
}

/** That, once it has no secrets. */
export function shortInput(text: string): string;
export function shortInput(text: string | undefined): string | undefined;
export function shortInput(text: string | undefined): string | undefined {
  return text === undefined || text.length <= LONGEST_LINE ? text : `${text.slice(0, LONGEST_LINE)}…`;
}

export interface LineOptions {
  /** Replaces secrets. */
  readonly redact: Redact;
  /** Where the agent works: paths in it are shown without it. */
  readonly cwd?: string | undefined;
}

/** Undefined if there is nothing to show. */
export function inputLine(input: unknown, { redact, cwd }: LineOptions): string | undefined {
  if (!isObject(input)) return undefined;
  const shown = (text: string): string => cleanLine(redact(within(cwd, text)));
  const main = mainField(input);
  const line = main === undefined ? otherFields(input, shown) : searched(input, main, shown);
  return line === '' ? undefined : cutLine(redact(line));
}

/** `pattern in path`, or the text alone. */
function searched(input: Fields, main: string, shown: (text: string) => string): string {
  if (main !== input.pattern) return shown(main);
  const places = PLACES.map(name => input[name]).filter(place => typeof place === 'string' && place !== '');
  return [shown(main), ...places.map(place => shown(String(place)))].join(' in ');
}

/** `owner: acme, repo: web`; a field alone is its value. */
function otherFields(input: Fields, shown: (text: string) => string): string {
  const short = Object.entries(input)
    .filter(([, value]) => typeof value === 'string' && value !== '' && value.length <= SHORT_FIELD)
    .slice(0, SHOWN_FIELDS);
  const [only] = short;
  if (only && short.length === 1) return shown(String(only[1]));
  return short.map(([name, value]) => `${shown(name)}: ${shown(String(value))}`).join(', ');
}

const within = (cwd: string | undefined, text: string): string =>
  cwd !== undefined && text.startsWith(`${cwd}/`) ? text.slice(cwd.length + 1) || text : text;

function cutLine(text: string): string {
  if (text.length <= LONGEST_LINE) return text;
  return `${text.slice(0, LONGEST_LINE - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
