import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createSessionGroup, openSessionGroup } from '../../src/sdk/group/api/create.ts';
import { memoryProjectGate } from '../../src/sdk/project/project-gate.ts';
import { newGroup } from '../../src/store/conformance/sample-group.ts';
import { SCHEMA_NUMBER } from '../../src/store/definition-check.ts';
import { createFileStore } from '../../src/store/file-store.ts';

const folder = () => mkdtempSync(join(tmpdir(), 'sg-check-'));
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

async function saved() {
  const project = folder();
  const store = createFileStore({ dataDir: folder() });
  const definition = {
    version: 1 as const,
    name: 'Checked',
    config: { agent: { kind: 'scripted' as const, steps: [{ result: 'done' }] } },
    sessions: [{ id: 'a', projectPath: project, prompt: 'Work' }],
  };
  const group = await createSessionGroup(definition, { store, projects: memoryProjectGate(), env: {} });
  await group.dispose();
  const { dir = '' } = await store.read(group.id);
  const path = join(dir, 'definition.json');
  const check = join(dir, 'definition.checked.json');
  return { store, group, definition, path, check, read: async () => (await store.read(group.id)).group };
}

/** Only a program that doesn't check it takes this for a definition. */
function spoil(path: string): string {
  const text = readFileSync(path, 'utf8').replace('"prompt": "Work"', '"prompt": "Work", "nope": true');
  writeFileSync(path, text);
  return text;
}

test('a stored definition is not checked again while it and the schema are the same (DEFINITION-CHECK-1)', async () => {
  const { path, check, read } = await saved();
  const text = spoil(path);
  writeFileSync(check, JSON.stringify({ schema: SCHEMA_NUMBER, sha256: sha256(text) }));
  expect((await read()).definition.sessions[0]).toMatchObject({ nope: true });
});

test('one that was edited is checked, and gets the defaults of what was taken away', async () => {
  const { path, read } = await saved();
  const { definition } = await read();
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, text.replace('"templating": true,', ''));
  expect((await read()).definition).toEqual(definition);
  spoil(path);
  await expect(read()).rejects.toThrow(expect.objectContaining({ code: 'definition_damaged' }));
});

test.each([
  ['of another schema', (sum: string) => JSON.stringify({ schema: SCHEMA_NUMBER + 1, sha256: sum })],
  ['that is cut off', (sum: string) => JSON.stringify({ schema: SCHEMA_NUMBER, sha256: sum }).slice(0, -2)],
  ['of something else', () => JSON.stringify({ schema: SCHEMA_NUMBER, sha256: sha256('else') })],
])('a check %s counts for nothing', async (_, written) => {
  const { path, check, read } = await saved();
  writeFileSync(check, written(sha256(spoil(path))));
  await expect(read()).rejects.toThrow(expect.objectContaining({ code: 'definition_damaged' }));
});

test('without it, as an older release leaves a group, the definition is checked', async () => {
  const { path, check, read } = await saved();
  const { definition } = await read();
  rmSync(check);
  expect((await read()).definition).toEqual(definition);
  spoil(path);
  await expect(read()).rejects.toThrow(expect.objectContaining({ code: 'definition_damaged' }));
});

test('a definition that nobody checked is stored without it, and refused as before', async () => {
  const store = createFileStore({ dataDir: folder() });
  const owned = await store.create(newGroup());
  await owned.release();
  expect(existsSync(join(owned.dir ?? '', 'definition.checked.json'))).toBe(false);
  const wrong = { ...newGroup(), definition: { ...newGroup().definition, sessions: [] } };
  await expect(store.create(wrong)).rejects.toThrow(expect.objectContaining({ code: 'definition_damaged' }));
});

test('each revision has its own', async () => {
  const { store, group, definition, read } = await saved();
  const owned = await store.take(group.id);
  await owned.release();
  const opened = await openSessionGroup(group.id, { store, projects: memoryProjectGate(), env: {} });
  await opened.update({ ...definition, name: 'Changed' });
  await opened.dispose();
  expect(await read()).toMatchObject({ revision: 1, definition: { name: 'Changed' } });
  const path = join(owned.dir ?? '', 'revisions/1/definition.json');
  const check: unknown = JSON.parse(
    readFileSync(join(owned.dir ?? '', 'revisions/1/definition.checked.json'), 'utf8'),
  );
  expect(check).toEqual({ schema: SCHEMA_NUMBER, sha256: sha256(readFileSync(path, 'utf8')) });
  spoil(path);
  await expect(read()).rejects.toThrow(expect.objectContaining({ code: 'definition_damaged' }));
});

test('the schema is the one that its number was given for: if this fails, increment SCHEMA_NUMBER', () => {
  const schema = readFileSync(new URL('../../schema.json', import.meta.url), 'utf8');
  expect([SCHEMA_NUMBER, sha256(schema)]).toEqual([
    6,
    'a1c01aff4e96bddf8d86aeb3c404033d01240851071936019bb10cbdc4c2f6f9',
  ]);
});
