/**
 * Secrets in what tools are called with and return. Whatever is written about a call, in the journal, a log or a message,
 * goes through a redactor first.
 *
 * REDACTION-1 no value that the redactor was given is left, nor its JSON.
 * REDACTION-2 nor is anything that looks like a well-known kind of token, whoever has it.
 */

/** Replaces secrets by `[redacted NAME]`, and what only looks like one by `[redacted]`. */
export type Redact = (text: string) => string;

/** Shorter values are no secrets, and would be found in what has nothing to do with them. */
const SHORTEST_SECRET = 8;

/** @param secrets by name. Without any, only what looks like a token is replaced. */
export function redactor(secrets: Readonly<Record<string, string>> = {}): Redact {
  const values: (readonly [value: string, shown: string])[] = [];
  for (const [name, value] of Object.entries(secrets)) {
    if (value.trim().length < SHORTEST_SECRET) continue;
    const shown = /^SESSION_GROUPS_/.test(name) ? '[redacted]' : `[redacted ${name}]`;
    const json = JSON.stringify(value).slice(1, -1);
    for (const written of new Set([value, value.trim(), json])) values.push([written, shown]);
  }
  // One may be part of another.
  values.sort(([a], [b]) => b.length - a.length);
  return text => {
    let redacted = text;
    for (const [value, shown] of values) {
      if (redacted.includes(value)) redacted = redacted.replaceAll(value, () => shown);
    }
    return redacted.replace(
      TOKENS,
      (_, login: string = '', bearer: string = '') => `${login}${bearer}[redacted]`,
    );
  };
}

/** The same for every text of a JSON value. */
export function redactedJson<T>(value: T, redact: Redact): T;
export function redactedJson(value: unknown, redact: Redact): unknown {
  if (typeof value === 'string') return redact(value);
  if (Array.isArray(value)) return value.map(item => redactedJson(item, redact));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [redact(key), redactedJson(item, redact)]),
  );
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
const SECRET_VALUE = new RegExp(`\\b(?:${KNOWN_TOKENS.join('|')})|${PRIVATE_KEY}`);
/** Also what follows `Bearer`, the password in a URL, and the rest of a private key. */
const TOKENS = new RegExp(
  [
    `\\b(?:${KNOWN_TOKENS.join('|')})`,
    `${PRIVATE_KEY}(?:(?!-----END)[^])*(?:-----END [A-Z ]*PRIVATE KEY-----)?`,
    '(:\\/\\/[^\\s/:@"\'`]{0,200}:)[^\\s/@"\'`]{3,200}(?=@)',
    '(\\bBearer +)[\\w.~+/=-]{16,}',
  ].join('|'),
  'g',
);
