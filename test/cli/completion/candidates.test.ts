import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openWorkshop, session, type Workshop } from '../workshop.ts';

let shop: Workshop;
beforeEach(async () => {
  shop = await openWorkshop();
});
afterEach(() => shop.close());

const offers = async (...words: string[]) => {
  const { code, out, err } = await shop.finished('__complete', ...words);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return out.split('\n').filter(Boolean);
};
const values = async (...words: string[]) => (await offers(...words)).map(line => line.split('\t')[0]);

describe('groups are offered', () => {
  test('by name while it means one of them, else by id, and by id where one is begun', async () => {
    expect(await values('group', 'show', '')).toEqual([]);
    const file = await shop.group(session('a', '{ result: done }'));
    const [first, second] = [
      await shop.finished('group', 'create', file),
      await shop.finished('group', 'create', file),
    ];
    const ids = [second, first].map(({ out }) => out.trim());
    expect(await values('group', 'show', '')).toEqual([...ids, '@latest']);
    expect(await values('group', 'show', '2')).toEqual(ids);
    await shop.finished('group', 'run', ids[1] ?? '');
    expect(await offers('group', 'show', 'd')).toEqual(['demo\tcreated 0/1 Demo']);
  });
});

describe('variables are offered', () => {
  const DEFINITION = `version: 1
name: Varied
variables: { topic: security, owner: { required: true, description: who is asked }, depth: 2 }
sessions: [{ id: audit, projectPath: nowhere }]
`;

  test('that the definition declares, whatever else is wrong with it', async () => {
    await writeFile(join(shop.folder, 'varied.yaml'), DEFINITION);
    const all = ['topic=\tsecurity', 'owner=\twho is asked', 'depth='];
    expect(await offers('plan', 'varied.yaml', '--var', '')).toEqual(all);
    expect(await offers('group', 'update', 'demo', 'varied.yaml', '--var=to')).toEqual([
      '--var=topic=\tsecurity',
    ]);
    expect(await offers('run', '--var', '')).toEqual([]);
    await writeFile(join(shop.folder, 'session-groups.yml'), DEFINITION);
    expect(await offers('run', '--var', '')).toEqual(all);
    expect(await offers('run', '--var', 'topic=')).toEqual(['topic=\tsecurity']);
    expect(await offers('run', '--var', 'topic=x')).toEqual([]);
    expect(await offers('run', '-', '--var', '')).toEqual([]);
  });

  test('that the template declares', async () => {
    await mkdir(join(shop.folder, 'templates'));
    const text = '---\nvariables: [{ name: scope, description: what to check }]\n---\nCheck {{ scope }}.\n';
    await writeFile(join(shop.folder, 'templates', 'checklist.md'), text);
    expect(await offers('template', 'render', 'checklist', '--var', '')).toEqual(['scope=\twhat to check']);
  });
});

test('nothing is said where the group does not exist, or the store cannot be read', async () => {
  expect(await offers('session', 'show', 'nothing', '')).toEqual([]);
  expect(await offers('session', 'show', '')).toEqual([]);
});

test('control characters of a name stay out of the terminal', async () => {
  const file = await shop.group(session('a', '{ result: done }', ', description: "one\\ttwo\\e[31m"'));
  await shop.finished('group', 'create', file);
  expect(await offers('session', 'show', 'demo', '')).toEqual([expect.stringMatching(/^a\tpending one two/)]);
});
