import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ERROR_CODES } from '../../machines/vocabulary.ts';
import { fromFailure } from '../../src/control/wire/failure.ts';
import { THROWN_CODES } from '../../src/sdk/error-codes.ts';
import { RefusedError, SessionGroupsError } from '../../src/sdk/errors.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SPEC = readFileSync(join(ROOT, 'design-docs/spec-session-groups.md'), 'utf8');
const section = (number: number) => SPEC.split(/^## /m).find(part => part.startsWith(`${number}. `)) ?? '';
const quoted = (cell = '') => [...cell.matchAll(/`(\w+)`/g)].map(([, name = '']) => name);

/** The rows of the table of codes: `| codes | thrown as | meaning |`. */
const ROWS = [...section(14).matchAll(/^\| (`[a-z_]+`.*?) \| (.*?) \| (.*) \|$/gm)].map(
  ([, codes, classes, meaning]) => ({ codes: quoted(codes), classes: quoted(classes), meaning }),
);

const SOURCES = ['machines', 'src']
  .flatMap(folder => readdirSync(join(ROOT, folder), { recursive: true }).map(name => `${folder}/${name}`))
  .filter(path => path.endsWith('.ts') && path !== 'src/sdk/error-codes.ts')
  .map(path => readFileSync(join(ROOT, path), 'utf8'));

/** Class and code, where one expression names both. */
const THROWN = SOURCES.flatMap(text =>
  [...text.matchAll(/new (\w+Error)\(\s*(?:\d+, )?'([a-z_]+)'/g)].map(([, name = '', code = '']) => ({
    name,
    code,
  })),
).filter(({ name }) => name !== 'GitError');

describe('the codes of thrown errors', () => {
  it('are each listed once, and match those that the specification explains', () => {
    expect(new Set(THROWN_CODES).size).toBe(THROWN_CODES.length);
    expect(ROWS.flatMap(({ codes }) => codes).sort()).toEqual([...THROWN_CODES].sort());
    expect(ROWS.filter(({ meaning }) => meaning === '')).toEqual([]);
  });

  it('are each used somewhere', () => {
    const code = SOURCES.join('\n');
    expect(THROWN_CODES.filter(name => !code.includes(`'${name}'`))).toEqual([]);
  });

  it('are documented with the class that is thrown', () => {
    expect(THROWN.length).toBeGreaterThan(60);
    const classesOf = (code: string) => ROWS.find(({ codes }) => codes.includes(code))?.classes ?? [];
    expect(THROWN.filter(({ name, code }) => !classesOf(code).includes(name))).toEqual([]);
  });

  it('are checked by the compiler', () => {
    // @ts-expect-error no such code
    expect(new SessionGroupsError('unheard_of', 'text').code).toBe('unheard_of');
    // @ts-expect-error no such code
    expect(new RefusedError('not_in_that_state', 'text').code).toBe('not_in_that_state');
  });
});

describe('the words of errors', () => {
  /** The literal after each match; what stands in a template's braces counts as a name. */
  const literals = (before: string) =>
    SOURCES.flatMap(text => [
      ...text.matchAll(new RegExp(`${before}(?:[^'"\`;{}?]*\\? )?(['"\`])((?:\\\\.|(?!\\1).)*)\\1`, 'g')),
    ]).map(([, , words = '']) => words);
  /** Names that a fragment may begin with. */
  const NAMES = /^(Claude Code |Last-Event-ID|[A-Z]+\b|[A-Z]+_)/;

  it('are fragments where they follow a code: no capital, no full stop', () => {
    const messages = [
      ...literals(
        `new (?:Refused|SessionGroups|AgentUnavailable|OwnerGone|Http)Error\\(\\s*(?:\\d+, )?'[a-z_]+',\\s*`,
      ),
      ...literals('new UsageError\\(\\s*'),
      ...literals('\\b(?:message|means)(?: =|:) '),
      ...literals("\\bfailed\\([^'\"`]*'[a-z_]+', "),
    ];
    expect(messages.length).toBeGreaterThan(150);
    const odd = messages.filter(words => /[.!]$/.test(words) || (/^[A-Z]/.test(words) && !NAMES.test(words)));
    expect(odd).toEqual([]);
  });

  it('are sentences where they say the way out, unless they end with what can be copied', () => {
    const hints = [
      ...literals('\\bhint(?: =|:) '),
      ...literals("new UsageError\\(\\s*(?:'[^']*'|`[^`]*`),\\s*"),
    ];
    expect(hints.length).toBeGreaterThan(40);
    expect(hints.filter(words => words !== '' && !/^[A-Z`$].*([.?`}]$|: )/s.test(words))).toEqual([]);
  });
});

it('the specification lists every session failure code', () => {
  const [, failures = ''] = /\*\*Failures\.\*\*(.*?)\n\n/s.exec(section(5)) ?? [];
  expect(ERROR_CODES.filter(code => !new RegExp(`\\b${code}\\b`).test(failures))).toEqual([]);
});

it('a code that only a newer owner knows is named in the message; class and hint stay', () => {
  const failure = { code: 'frozen', kind: 'refused', message: 'it is frozen', hint: 'thaw it' };
  const error = fromFailure(failure);
  expect(error).toBeInstanceOf(RefusedError);
  expect(error).toMatchObject({ code: 'unknown_error', message: 'it is frozen (frozen)', hint: 'thaw it' });
  expect(fromFailure({ ...failure, code: 'archived' })).toMatchObject({
    code: 'archived',
    message: 'it is frozen',
  });
});
