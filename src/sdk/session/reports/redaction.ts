import { cleanBlock, hasHidden } from '../../clean-text.ts';

/**
 * Secrets in what tools are called with and return. Whatever is written about a call, in the journal, a log or a message,
 * goes through a redactor first.
 *
 * REDACTION-1 no value that the redactor was given is left, nor its JSON, nor the JSON of a text with that in it; nor a long
 *    line of a value of several.
 * REDACTION-2 nor is anything that looks like a well-known kind of token, whoever has it.
 * REDACTION-3 nor does either appear once the text is cleaned for those who read it.
 */

/** Replaces secrets by `[redacted NAME]`, and what only looks like one by `[redacted]`. */
export type Redact = (text: string) => string;

/** Shorter values are no secrets, and would be found in what has nothing to do with them. */
const SHORTEST_SECRET = 8;

/** A line of a value of several that is shorter may be in anything: a bracket, a name. */
const SHORTEST_LINE = 16;

/** @param secrets by name. Without any, only what looks like a token is replaced. */
export function redactor(secrets: Readonly<Record<string, string>> = {}): Redact {
  const values: Written[] = [];
  const lines: Written[] = [];
  for (const [name, given] of Object.entries(secrets)) {
    const value = given.trim();
    if (value.length < SHORTEST_SECRET) continue;
    const shown = /^SESSION_GROUPS_/.test(name) ? '[redacted]' : `[redacted ${name}]`;
    for (const written of writtenForms(value)) values.push([written, shown]);
    for (const line of longLines(value)) {
      for (const written of jsonForms(line)) lines.push([written, shown]);
    }
  }
  // One may be part of another.
  for (const all of [values, lines]) all.sort(([a], [b]) => b.length - a.length);
  const once: Redact = text => {
    const redacted = replaced(text, values).replace(
      TOKENS,
      (_, login: string = '', bearer: string = '') => `${login}${bearer}[redacted]`,
    );
    return replaced(redacted, lines);
  };
  return text => {
    const redacted = once(text);
    if (!hasHidden(redacted)) return redacted;
    const shown = cleanBlock(redacted);
    const again = once(shown);
    return again === shown ? redacted : again;
  };
}

type Written = readonly [written: string, shown: string];

function replaced(text: string, all: readonly Written[]): string {
  let left = text;
  for (const [written, shown] of all)
    if (left.includes(written)) left = left.replaceAll(written, () => shown);
  return left;
}

/** Also with the line ends of another system, and on one line, as a shell writes it without quotes. */
function writtenForms(value: string): Set<string> {
  if (!value.includes('\n')) return jsonForms(value);
  const unix = value.replaceAll('\r\n', '\n');
  const texts = [value, unix, unix.replaceAll('\n', '\r\n'), unix.replace(/\s+/g, ' ')];
  return new Set(texts.flatMap(text => [...jsonForms(text)]));
}

/** A text, its JSON, and that in a JSON text again, twice at most; also if only ASCII is written. */
function jsonForms(text: string): Set<string> {
  const forms = new Set([text]);
  for (const json of [inJson(text), ascii(inJson(text))]) {
    forms
      .add(json)
      .add(inJson(json))
      .add(inJson(inJson(json)));
  }
  return forms;
}

const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);
const ascii = (text: string): string =>
  text.replace(/[\u007f-\uffff]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** The marks around a key are none: they tell where another one begins. */
function longLines(value: string): string[] {
  if (!value.includes('\n')) return [];
  const lines = value.split('\n').map(line => line.trim());
  return lines.filter(line => line.length >= SHORTEST_LINE && !line.startsWith('-----'));
}

/** The same for every text of a JSON value, and for numbers, which become texts then. */
export function redactedJson<T>(value: T, redact: Redact): T;
export function redactedJson(value: unknown, redact: Redact): unknown {
  if (typeof value === 'string') return redact(value);
  if (typeof value === 'number') {
    const text = redact(String(value));
    return text === String(value) ? value : text;
  }
  if (Array.isArray(value)) return value.map(item => redactedJson(item, redact));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [redact(key), redactedJson(item, redact)]),
  );
}

/** The same for a line of JSON, which stays one unless a secret is a part of its syntax: each text is redacted as it is read. */
export function redactedLine(line: string, redact: Redact): string {
  const redacted = redact(line);
  // An escape may stand for a character that is not shown.
  if (redacted === line && !/\\[ubf]/.test(line)) return line;
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return redacted;
  }
  const json = JSON.stringify(redactedJson(value, redact));
  if (redacted === line && json === JSON.stringify(value)) return line;
  return `${redact(json)}${line.endsWith('\n') ? '\n' : ''}`;
}

/** Judged by the value, or by the name of the variable. */
export function looksSecret(name: string, text: string): boolean {
  if (SECRET_VALUE.test(text)) return true;
  return isSecretName(name) && text.length >= 8 && !text.includes('${') && !/^(?:[./~]|https?:)/.test(text);
}

export const isSecretName = (name: string): boolean => SECRET_NAME.test(name);

const SECRET_NAME =
  /TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|API[_-]?KEY|PRIVATE[_-]?KEY|ACCESS[_-]?KEY|CREDENTIAL|AUTHORIZATION|COOKIE/i;

/** Tokens by the prefix that their issuers give them, so that they can be found. */
const KNOWN_TOKENS = [
  'sk-[A-Za-z0-9_-]{16,}',
  '[rs]k_(?:live|test)_[A-Za-z0-9]{16,}',
  'gh[opsur]_[A-Za-z0-9]{20,}',
  'github_pat_\\w{20,}',
  'glpat-[\\w-]{16,}',
  'xox[abeprs]-[\\w-]{10,}',
  'A(?:KIA|SIA)[0-9A-Z]{16}',
  'AIza[\\w-]{30,}',
  'npm_[A-Za-z0-9]{30,}',
  'pypi-[\\w-]{30,}',
  'hf_[A-Za-z0-9]{30,}',
  'SG\\.[\\w-]{16,}\\.[\\w-]{16,}',
  'eyJ[\\w-]{8,}\\.eyJ[\\w-]{8,}\\.[\\w-]{8,}',
];
const PRIVATE_KEY = '-----BEGIN [A-Z ]*PRIVATE KEY-----';
/** In characters; a key whose end is missing ends there at the latest. */
export const LONGEST_KEY = 32 * 1024;
const SECRET_VALUE = new RegExp(`\\b(?:${KNOWN_TOKENS.join('|')})|${PRIVATE_KEY}`);
/** Also what follows `Bearer`, the password in a URL, and the rest of a private key. */
const TOKENS = new RegExp(
  [
    `\\b(?:${KNOWN_TOKENS.join('|')})`,
    `${PRIVATE_KEY}(?:(?!-----END)[^]){0,${LONGEST_KEY}}(?:-----END [A-Z ]*PRIVATE KEY-----)?`,
    '(:\\/\\/[^\\s/:@"\'`]{0,200}:)[^\\s/@"\'`]{3,200}(?=@)',
    '(\\bBearer +)[\\w.~+/=-]{16,}',
  ].join('|'),
  'g',
);

const KEY_BEGINS = new RegExp(PRIVATE_KEY, 'y');

/** Where a private key begins whose end is still to come; -1 if there is none. */
export function openKey(text: string): number {
  const last = text.lastIndexOf('-----BEGIN ');
  if (last === -1 || text.includes('-----END', last)) return -1;
  KEY_BEGINS.lastIndex = last;
  return KEY_BEGINS.test(text) ? last : -1;
}
