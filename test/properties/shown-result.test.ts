import { test } from '@fast-check/vitest';
import fc from 'fast-check';
import { expect } from 'vitest';
import { LONGEST_RESULT_BYTES } from '../../src/sdk/group/document/cut-text.ts';
import type { UpstreamResult } from '../../src/sdk/group/prompts/prompt-scope.ts';
import { renderPrompt } from '../../src/sdk/group/prompts/render-prompt.ts';

const given = (prompt: string, result: UpstreamResult): string =>
  renderPrompt(
    { id: 'b', projectPath: '/p', prompt, priority: 0, variables: {}, templating: true },
    { group: { id: 'g', name: 'g' }, files: { templates: {} }, resultOf: () => result },
  ).text;

const name = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1 }),
  fc.constantFrom('a b', 'line\nbreak', '\u2028', '"quoted"', '"', '{{ x }}', '…', 'tab\t', '\u0085'),
);

test.prop([fc.uniqueArray(name, { maxLength: 30 })])(
  'changed files are a line each, from which each name can be read again',
  changedFiles => {
    const text = given('{{ sessions.a.changedFiles }}', { status: 'completed', changedFiles });
    const lines = changedFiles.length === 0 && text === '' ? [] : text.split('\n');
    expect(lines.map(line => (line.startsWith('"') ? JSON.parse(line) : line))).toEqual(changedFiles);
    const items = changedFiles.map((_, index) =>
      given(`{{ sessions.a.changedFiles[${index}] }}`, { status: 'completed', changedFiles }),
    );
    expect(items).toEqual(changedFiles);
  },
);

test.prop([fc.jsonValue(), fc.integer({ min: 0, max: 70_000 })])(
  'an output is put in as it is, any part of it, and cut where it is too long',
  (value, length) => {
    const output = { value, text: 'x'.repeat(length) };
    const upstream = { status: 'completed', output } as const;
    if (value !== null) {
      const expected = typeof value === 'string' ? value : JSON.stringify(value);
      expect(given('{{ sessions.a.output.value }}', upstream)).toBe(expected);
    }
    const whole = given('{{ sessions.a.output }}', { ...upstream, outputFile: '/f/output.json' });
    const json = JSON.stringify(output);
    expect(Buffer.byteLength(whole)).toBeLessThanOrEqual(LONGEST_RESULT_BYTES);
    if (Buffer.byteLength(json) <= LONGEST_RESULT_BYTES) expect(whole).toBe(json);
    else expect(whole).toMatch(/\[truncated: .*; the full text is in \/f\/output\.json\]$/);
  },
);
