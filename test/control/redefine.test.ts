// @module-tag processes
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { askToRedefine } from '../../src/control/ask-owner.ts';
import { groupHandlers } from '../../src/control/verbs.ts';
import { connectControl } from '../../src/control/wire/client.ts';
import { MAX_REQUEST_BYTES } from '../../src/control/wire/protocol.ts';
import { RefusedError } from '../../src/sdk/errors.ts';
import { DefinitionError } from '../../src/sdk/group/document/diagnostics.ts';
import { runtimeFolder } from '../../src/sdk/project/runtime-folder.ts';
import { bench, definitionOf, delay, projectPath, scripted } from '../support/bench.ts';
import { serve } from './fixture.ts';

/** Changing a group's definition from another process. */

async function world() {
  const one = await bench([scripted('a'), scripted('b', [delay(9_000)], { model: 'opus' })]);
  const server = await serve(groupHandlers(one.group));
  const client = await connectControl(server.address);
  onTestFinished(() => client.close());
  return { ...one, client };
}

const session = (id: string, more: object = {}) => ({
  id,
  projectPath: projectPath(9),
  prompt: 'go',
  agent: { kind: 'scripted' },
  ...more,
});
const folder = mkdtempSync(join(tmpdir(), 'redefine-control-'));

test('adds, changes, removes and replaces, and reports what changed', async () => {
  const { client, group } = await world();
  expect(await askToRedefine(client, { kind: 'add', session: session('c') })).toMatchObject({ added: ['c'] });
  const changes = { model: null, priority: 2 };
  expect(await askToRedefine(client, { kind: 'change', id: 'b', changes })).toMatchObject({ changed: ['b'] });
  expect(group.group.definition.sessions[1]).toMatchObject({ id: 'b', priority: 2 });
  expect(group.group.definition.sessions[1]).not.toHaveProperty('model');
  const dry = await askToRedefine(client, { kind: 'remove', id: 'c' }, { dryRun: true });
  expect([dry.removed, group.getProgress().totalSessions]).toEqual([['c'], 3]);
  const definition = definitionOf([scripted('a')]) as unknown as Record<string, unknown>;
  expect(await askToRedefine(client, { kind: 'update', definition })).toMatchObject({ removed: ['b', 'c'] });
});

test('refusals and invalid definitions keep their type, with every problem', async () => {
  const { client, group, pass } = await world();
  const wrong = askToRedefine(client, {
    kind: 'add',
    session: { ...session('a'), promt: 1, dependsOn: ['zz'] },
  });
  const error = await wrong.catch(reason => reason);
  expect(error).toBeInstanceOf(DefinitionError);
  expect(error.diagnostics.map((one: { code: string }) => one.code)).toEqual(
    expect.arrayContaining(['unknown_key', 'unknown_session']),
  );
  group.run().catch(() => {});
  await pass(1_000);
  const busy = askToRedefine(client, { kind: 'change', id: 'b', changes: { prompt: 'x' } });
  await expect(busy).rejects.toBeInstanceOf(RefusedError);
  await expect(busy).rejects.toMatchObject({ code: 'sessions_in_the_way', hint: expect.any(String) });
  await expect(askToRedefine(client, { kind: 'remove', id: 'zz' })).rejects.toMatchObject({
    code: 'unknown_session',
  });
});

test('a definition too long for a request goes through a file, which is removed', async () => {
  const { client, group } = await world();
  const changes = () => readdirSync(runtimeFolder('control')).filter(name => name.startsWith('change-'));
  const before = changes();
  const prompt = 'é'.repeat(MAX_REQUEST_BYTES / 2);
  expect(await askToRedefine(client, { kind: 'add', session: session('long', { prompt }) })).toMatchObject({
    added: ['long'],
  });
  expect(group.group.definition.sessions.at(-1)?.prompt).toBe(prompt);
  expect(changes().filter(name => !before.includes(name))).toEqual([]);
});

test('an invalid change is refused, and the owner keeps working', async () => {
  const { client, group } = await world();
  const fifo = join(folder, 'fifo');
  execFileSync('mkfifo', [fifo]);
  const notJson = join(folder, 'not.json');
  writeFileSync(notJson, '{ "kind": "add"');
  const other = join(folder, 'other.json');
  writeFileSync(other, '{ "kind": "add", "id": "x" }');
  const change = { kind: 'remove', id: 'a' } as const;
  const asked = [
    {},
    { change, changeFile: other },
    ...[fifo, notJson, other, folder, join(folder, 'absent')].map(changeFile => ({ changeFile })),
    { change: { kind: 'remove' } as never },
    { change: { ...change, more: 1 } as never },
    { change, more: 1 } as never,
  ];
  for (const params of asked) {
    await expect(client.request('redefine', params)).rejects.toMatchObject({ code: 'invalid_params' });
  }
  expect(group.getProgress().totalSessions).toBe(2);
  expect(await client.request('redefine', { change })).toMatchObject({ removed: ['a'] });
});
