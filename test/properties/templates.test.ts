import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseDefinition } from '../../src/sdk/group/definition/definition.ts';
import { previewPrompt } from '../../src/sdk/group/prompts/preview-prompt.ts';
import type { UpstreamResult } from '../../src/sdk/group/prompts/prompt-scope.ts';
import { renderPrompt } from '../../src/sdk/group/prompts/render-prompt.ts';
import { runs } from '../support/runs.ts';

/**
 * What goes in comes out, character by character, on every way that a text can take into a prompt: as a variable, a
 * default, the text of a template, and as what another agent wrote (TEMPLATE-1).
 */
const TEMPLATE = `---
description: Every way in
variables:
  - name: given
  - name: result
  - { name: nested, required: false }
---
<{{ given }}|{{ variables.given }}|{{ nested.deep[0] ?? nested ?? 'none' }}|{{ result }}|{{ sessions.a.error ?? '-' }}>
`;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'template-properties-'));
  mkdirSync(join(folder, 'templates'));
  writeFileSync(join(folder, 'templates', 'ways.md'), TEMPLATE);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(
      fc.constantFrom(
        ...[
          '{',
          '}',
          '{{',
          '}}',
          '{{{',
          '}}}',
          '\\{{',
          '<%',
          '%>',
          '<%=',
          '`',
          '${',
          '}',
          '\\',
          "'",
          '"',
          '\n',
          '\r',
        ],
        ...[
          '{{ given }}',
          "{{ sessions['a'].result }}",
          '{{ process.exit() }}',
          '---',
          '\n---\n',
          '$&',
          '$1',
          '\0',
        ],
        ...['\ud800', '😀', '\u2028', '/compact', '@/etc/hostname', '[object Object]', '__proto__'],
      ),
    )
    .map(parts => parts.join('')),
);

/** A group with the session `b`, after `a`; through JSON, as a store keeps it. */
async function load(b: object) {
  const sessions = [
    { id: 'a', projectPath: folder, prompt: 'x' },
    { id: 'b', projectPath: folder, dependsOn: [{ session: 'a', when: 'settled' }], ...b },
  ];
  const loaded = await parseDefinition({ version: 1, name: 'x', sessions }, { baseDir: folder, env: {} });
  const definition = JSON.parse(JSON.stringify(loaded.definition));
  const session = definition.sessions[1];
  const prompt = (a: UpstreamResult) =>
    renderPrompt(session, { group: { id: 'g', name: 'x' }, files: loaded.files, resultOf: () => a });
  return { prompt, preview: () => previewPrompt(session, definition, loaded.files) };
}

const way = (given: string, nested: string, result: string, error: string) =>
  `<${given}|${given}|${nested}|${result}|${error}>\n`;

describe('a text', () => {
  test('comes out as it went in through variables, inputs and results of a template', async () => {
    await fc.assert(
      fc.asyncProperty(hostile, hostile, hostile, async (given, result, error) => {
        const { prompt, preview } = await load({
          template: 'ways',
          variables: { given, nested: { deep: [given] } },
          inputs: { result: "{{ sessions['a'].result ?? 'none' }}" },
        });
        expect(prompt({ status: 'failed', result, error })).toEqual({
          text: way(given, given, result, error),
          composed: true,
        });
        expect(preview()).toBe(way(given, given, '<result of a>', '<error of a>'));
      }),
      { numRuns: runs(400) },
    );
  });

  test('comes out as it went in through a prompt, with text around it', async () => {
    await fc.assert(
      fc.asyncProperty(hostile, hostile, hostile, async (given, result, around) => {
        const literal = around.replaceAll('{', '{ ').replace(/\\+$/, '');
        const { prompt } = await load({
          prompt: `p${literal}{{ given }}{{ input }}`,
          variables: { given },
          inputs: { input: `i${literal}{{ given }}{{ sessions.a.result }}` },
        });
        const { text } = prompt({ status: 'completed', result });
        expect(text).toBe(`p${literal}${given}i${literal}${given}${result}`);
      }),
      { numRuns: runs(400) },
    );
  });

  test('comes out as it went in as the text, or a default, of a template', async () => {
    await fc.assert(
      fc.asyncProperty(hostile, hostile, async (around, fallback) => {
        const literal = around.replaceAll('{', '{ ').replace(/\\+$/, '');
        const matter = JSON.stringify({
          variables: [{ name: 'v', default: fallback.replace(/\ud800/g, '') }],
        });
        const { text } = await kept(`---\n${matter}\n---\n>${literal}{{ v }}<`);
        expect(text).toBe(`>${literal}${fallback.replace(/\ud800/g, '')}<`);
      }),
      { numRuns: runs(400) },
    );
  });

  test('of a megabyte comes out as it went in', async () => {
    const given = '{{ given }}\\{{`${x}<%\r\n"\''.repeat(45_000);
    const { prompt } = await load({
      template: 'ways',
      variables: { given },
      inputs: { result: '{{ sessions.a.result }}' },
    });
    // A result is cut above 64 KiB (cut-text.test.ts).
    const result = given.slice(0, 60_000);
    const { text } = prompt({ status: 'completed', result });
    expect(given.length).toBeGreaterThan(1_000_000);
    expect(text === way(given, 'none', result, '-')).toBe(true);
  });
});

describe('composed', () => {
  test('says whether text of an agent is in, by whatever way', async () => {
    const composed = async (b: object, a: UpstreamResult = { status: 'completed', result: 'r' }) =>
      (await load(b)).prompt(a).composed;
    const inputs = { result: '{{ sessions.a.result }}' };
    const template = { template: 'ways', variables: { given: 'x' } };
    expect(await composed({ ...template, inputs })).toBe(true);
    expect(await composed({ ...template, inputs: { result: '{{ sessions.a.status }}' } })).toBe(false);
    expect(await composed({ ...template, variables: { given: 'x', result: 'y' } })).toBe(false);
    expect(
      await composed(
        { ...template, variables: { given: 'x', result: 'y' } },
        { status: 'failed', error: 'e' },
      ),
    ).toBe(true);
    const late = { inputs: { result: "{{ sessions.a.result ?? 'none' }}" } };
    expect(await composed({ ...template, ...late }, { status: 'failed' })).toBe(false);
    expect(await composed({ prompt: '{{ result }}', inputs })).toBe(true);
    expect(await composed({ prompt: '{{ variables.result }}', inputs })).toBe(true);
    expect(await composed({ prompt: '{{ variables }}', inputs })).toBe(true);
    expect(await composed({ prompt: 'nothing of it', inputs })).toBe(false);
  });
});

/** The prompt of a session whose template has this text, as the group keeps it. */
async function kept(text: string) {
  const sessions = [{ id: 'b', projectPath: folder, template: 'x' }];
  const files = { templates: { x: text }, sharedConfig: {} };
  const { definition, files: used } = await parseDefinition(
    { version: 1, name: 'x', sessions },
    { baseDir: folder, env: {}, files },
  );
  const [session] = definition.sessions;
  if (session === undefined) throw new Error('no session');
  return renderPrompt(session, { group: { id: 'g', name: 'x' }, files: used, resultOf: () => undefined });
}
