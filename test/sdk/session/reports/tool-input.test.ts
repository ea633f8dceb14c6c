import { describe, expect, it } from 'vitest';
import { redactor } from '../../../../src/sdk/session/reports/redaction.ts';
import { inputFields, inputLine } from '../../../../src/sdk/session/reports/tool-input.ts';
import { wholeInput } from '../../../../src/sdk/session/reports/whole-input.ts';

const CWD = '/work/api';
const lineOf = (input: unknown, secrets: Record<string, string> = {}): string | undefined =>
  inputLine(input, { redact: redactor(secrets), cwd: CWD });

it.each<readonly [unknown, string | undefined]>([
  [{ command: 'npm test', description: 'Run the tests' }, 'npm test'],
  [{ description: 'Install', command: 'a && b', timeout: 5 }, 'a && b (timeout: 5)'],
  [{ file_path: 'a.txt', content: 'hello' }, 'a.txt (content: hello)'],
  [{ sql: `DROP ${'x'.repeat(200)}` }, `DROP ${'x'.repeat(200)}`],
  [{ to: 'all', body: { a: [1] } }, 'to: all, body: {"a":[1]}'],
  [{ command: 'x'.repeat(5_000) }, `${'x'.repeat(3_999)}…`],
  [{}, undefined],
  ['text', undefined],
])('what a person decides about is all of it: %o', (input, whole) => {
  expect(wholeInput(input)).toBe(whole);
});

describe('the line of what a tool is called with', () => {
  it.each<readonly [string, Record<string, unknown>, string | undefined]>([
    ['the command', { command: 'npm test', description: 'Run the tests' }, 'npm test'],
    [
      'the path, within the folder',
      { file_path: `${CWD}/src/a.ts`, old_string: 'a', new_string: 'b' },
      'src/a.ts',
    ],
    ['the path elsewhere', { file_path: '/etc/hosts' }, '/etc/hosts'],
    ['a notebook', { notebook_path: `${CWD}/a.ipynb`, new_source: 'x' }, 'a.ipynb'],
    [
      'the pattern, and where it looks',
      { pattern: 'foo', path: `${CWD}/src`, glob: '*.ts' },
      'foo in src in *.ts',
    ],
    ['the address', { url: 'https://example.com', prompt: 'Sum it up' }, 'https://example.com'],
    ['the query', { query: 'npm workspaces' }, 'npm workspaces'],
    ['the description', { description: 'Look around', prompt: 'long', subagent_type: 'x' }, 'Look around'],
    [
      'short texts of other tools',
      { owner: 'acme', repo: 'web', body: 'x'.repeat(500), n: 1 },
      'owner: acme, repo: web',
    ],
    ['the only text of another tool', { about: 'it' }, 'it'],
    ['nothing', { todos: [{ content: 'x' }] }, undefined],
    ['nothing of an empty input', {}, undefined],
  ])('is %s', (_, input, line) => {
    expect(lineOf(input)).toBe(line);
    expect(lineOf(inputFields(input))).toBe(line);
  });

  it('is one clean line of at most 200 characters, whatever the input is', () => {
    const line = lineOf({ command: `a\n\u001b[31mb\u202e${'c'.repeat(500)}` }) ?? '';
    expect(line).toMatch(/^a bc+…$/);
    expect(line).toHaveLength(200);
    for (const input of [undefined, null, 'text', 1, [], ['a']]) expect(lineOf(input)).toBeUndefined();
  });

  it('has no part of a secret, where it is cut as well', () => {
    const secret = 'canary-1f3b7c9d0e';
    for (let at = 170; at < 205; at++) {
      const line = lineOf({ command: `${'x'.repeat(at)} ${secret}` }, { MY_TOKEN: secret }) ?? '';
      expect(line).not.toContain('canary');
    }
  });

  it('has no part of a secret that is put together, or cut, on the way to it', () => {
    const secret = 'canary-1f3b7c9d0e';
    const redact = redactor({ MY_TOKEN: secret, WORDS: 'correct horse battery' });
    const lineOfFields = (input: Record<string, unknown>) =>
      inputLine(inputFields(input, redact), { redact });
    for (const hidden of ['\u200f', '\u001b[0m', '\u0000'])
      expect(lineOfFields({ command: `echo cana${hidden}ry-1f3b7c9d0e` })).toBe('echo [redacted MY_TOKEN]');
    for (let spaces = 3_980; spaces < 4_005; spaces++)
      expect(lineOfFields({ command: `${' '.repeat(spaces)}${secret}` }) ?? '').not.toContain('canary');
    expect(lineOfFields({ query: 'correct  horse\n battery' })).toBe('[redacted WORDS]');
    expect(lineOfFields({ [secret]: 'x', other: 'y' })).toBe('[redacted MY_TOKEN]: x, other: y');
    expect(lineOfFields({ [`${'k'.repeat(90)}${secret}`]: 'x', other: 'y' })).not.toContain('canary');
  });

  it('reads a bounded part of a long input', () => {
    const fields = inputFields({ content: 'x'.repeat(1_000_000), path: 'a', nested: { a: 1 } });
    expect(JSON.stringify(fields).length).toBeLessThan(5_000);
    expect(
      Object.keys(inputFields(Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [n, n])))),
    ).toHaveLength(30);
  });
});
