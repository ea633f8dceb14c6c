// @module-tag long
import { afterEach, describe, expect, test } from 'vitest';
import { parseDefinition } from '../../../../src/sdk/group/definition/definition.ts';
import { definitionFolder, problemsOf } from './definition-folder.ts';

const folders: { dispose: () => Promise<void> }[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await folder.dispose();
});
async function folderWith(files: Readonly<Record<string, string | Uint8Array>>) {
  const folder = await definitionFolder(files);
  folders.push(folder);
  return folder;
}

describe('a large definition', () => {
  const chain = (length: number, first = '') =>
    Array.from({ length }, (_, i) => ({
      id: `s${i}`,
      projectPath: '.',
      prompt: i === 0 ? 'go' : `after {{ sessions.s${i - 1}.result }} {{ sessions.s0.status }}`,
      dependsOn: i === 0 ? (first === '' ? [] : [first]) : [`s${i - 1}`],
    }));

  test('of 10,000 sessions in YAML loads', async () => {
    const lines = Array.from(
      { length: 10_000 },
      (_, i) =>
        `  - id: s${i}\n    projectPath: lib\n    prompt: "do {{ session.id }}"\n    dependsOn: [${i < 10 ? '' : `s${i - 10}, s${i - 5}`}]\n`,
    );
    const folder = await folderWith({ 'group.yaml': `version: 1\nname: big\nsessions:\n${lines.join('')}` });
    const { definition } = await folder.load();
    expect(definition.sessions).toHaveLength(10_000);
  });

  test('may be a chain of 50,000', async () => {
    const sessions = chain(50_000).map(({ prompt: _, ...session }) => ({ ...session, prompt: 'x' }));
    const { definition } = await parseDefinition({ version: 1, name: 'chain', sessions }, { env: {} });
    expect(definition.sessions).toHaveLength(50_000);
  });

  test('with a cycle of 50,000 sessions gets an error of readable length', async () => {
    const sessions = chain(50_000, 's49999').map(({ prompt: _, ...session }) => ({
      ...session,
      prompt: 'x',
    }));
    const problems = await problemsOf(parseDefinition({ version: 1, name: 'ring', sessions }, { env: {} }));
    expect(problems).toHaveLength(1);
    expect(problems[0]?.message).toMatch(/^circular dependency: s0 → s49999 → .* more … → s1 → s0$/);
    expect(problems[0]?.message.length).toBeLessThan(500);
  });
});

test('10,000 prompts that name sessions far upstream are checked', async () => {
  const sessions = Array.from({ length: 10_000 }, (_, i) => ({
    id: `s${i}`,
    projectPath: '.',
    prompt: i === 0 ? 'go' : `{{ sessions.s0.result }} {{ sessions.s${i >> 1}.status }}`,
    dependsOn: i === 0 ? [] : [`s${i - 1}`],
  }));
  const { warnings } = await parseDefinition({ version: 1, name: 'far', sessions }, { env: {} });
  expect(warnings).toEqual([]);
});

describe('cycles', () => {
  const cyclesOf = async (edges: Readonly<Record<string, readonly string[]>>) => {
    const sessions = Object.entries(edges).map(([id, dependsOn]) => ({
      id,
      projectPath: '.',
      prompt: 'x',
      dependsOn,
    }));
    const problems = await problemsOf(parseDefinition({ version: 1, name: 'x', sessions }, { env: {} }));
    return problems.map(problem => problem.message.replace('circular dependency: ', ''));
  };

  test('are each reported once, as a path along dependsOn', async () => {
    expect(
      await cyclesOf({ a: ['c'], b: ['a'], c: ['b'], d: ['a', 'e'], e: ['d'], f: ['e'], g: [] }),
    ).toEqual(['a → c → b → a', 'd → e → d']);
  });

  test('that share sessions are reported once, by the shortest of them', async () => {
    expect(await cyclesOf({ a: ['b'], b: ['a', 'c'], c: ['b'] })).toEqual([
      'a → b → a (1 more in connected cycles)',
    ]);
  });
});
