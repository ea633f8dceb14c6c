import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { parseDefinition } from '../../../../src/sdk/group/definition/definition.ts';
import { DefinitionError } from '../../../../src/sdk/group/document/diagnostics.ts';
import { renderDiagnostics } from '../../../../src/sdk/group/document/render-diagnostic.ts';
import { runs } from '../../../support/runs.ts';
import { definitionFolder } from './definition-folder.ts';

const folders: { dispose: () => Promise<void> }[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await folder.dispose();
});
async function folderWith(files: Readonly<Record<string, string | Uint8Array>>) {
  const folder = await definitionFolder(files);
  folders.push(folder);
  return folder;
}

const VALID = `version: 1
name: demo
sessions:
  - id: a
    projectPath: lib
    prompt: do it
  - id: b
    projectPath: ./web
    promptFile: prompt.md
    dependsOn: [a]
`;

describe('whatever a file contains', () => {
  const fragments = fc.constantFrom(
    ...['{', '}', '[', ']', ':', '- ', '\n', '\t', '"', "'", '&a ', '*a', '<<: *a', '!x ', '|', '>', '---\n'],
    ...[
      '{{ ',
      ' }}',
      '\\{{',
      '${',
      '\0',
      '\u001b[31m',
      '\ufeff',
      '\ud800',
      '? ',
      '%YAML 9\n',
      '#',
      'null',
      '1e999',
    ],
    ...['__proto__: {}', 'constructor: x', 'dependsOn: [b, a]', 'template: 1', 'trigger: any', '  '],
  );
  const mutation = fc.record({
    at: fc.nat(VALID.length),
    cut: fc.nat(30),
    put: fc.oneof(fragments, fc.string({ unit: 'binary', maxLength: 10 })),
  });

  test('loading returns a definition or throws a DefinitionError that can be rendered', async () => {
    const folder = await folderWith({});
    await fc.assert(
      fc.asyncProperty(
        fc.array(mutation, { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        async (mutations, json) => {
          const start = json ? JSON.stringify({ version: 1, name: 'x', sessions: [{ id: 'a' }] }) : VALID;
          const text = mutations.reduce(
            (result, { at, cut, put }) => result.slice(0, at) + put + result.slice(at + cut),
            start,
          );
          const name = json ? 'fuzz.json' : 'fuzz.yaml';
          await writeFile(join(folder.path, name), text);
          const error = await folder.load(name).then(
            () => undefined,
            (reason: unknown) => reason,
          );
          if (error === undefined) return;
          expect(error).toBeInstanceOf(DefinitionError);
          if (!(error instanceof DefinitionError)) return;
          expect(error.diagnostics.some(diagnostic => diagnostic.severity === 'error')).toBe(true);
          expect(renderDiagnostics(error.diagnostics)).not.toMatch(/[^\P{Cc}\n]/u);
        },
      ),
      { numRuns: runs(400) },
    );
  });

  test('an object of any shape yields a definition or a DefinitionError', async () => {
    const key = fc.constantFrom(
      'version',
      'name',
      'sessions',
      'config',
      'id',
      'dependsOn',
      'env',
      'prompt',
      '__proto__',
    );
    const { value } = fc.letrec(tie => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom<unknown>(
          null,
          undefined,
          1,
          -1,
          'a',
          'claude',
          '{{ x',
          true,
          Number.NaN,
          () => 1,
          Symbol('s'),
          10n,
        ),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(key, tie('value'), { maxKeys: 4 }),
      ),
    }));
    await fc.assert(
      fc.asyncProperty(value, async input => {
        const error = await parseDefinition(input, { env: {} }).then(
          () => undefined,
          (reason: unknown) => reason,
        );
        if (error !== undefined) expect(error).toBeInstanceOf(DefinitionError);
      }),
      { numRuns: runs(500) },
    );
  });
});
