// @module-tag processes
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startCli } from '../cli/built-cli.ts';
import { until } from './observe.ts';
import { openServeWorld, type ServeWorld, scripted } from './serve-world.ts';

let world: ServeWorld;
beforeEach(async () => {
  world = await openServeWorld();
});
afterEach(() => world.close());

test('a group whose engine died and whose files are damaged is listed with the way out, and can be deleted', async () => {
  const definition = scripted(world.folder, { one: { steps: [{ hang: true }] } });
  const { groupId: id } = (await world.post('/groups', { definition })).json;
  const env = { SESSION_GROUPS_DATA_DIR: world.dataDir };
  const running = startCli(['group', 'run', id, '--plain'], world.folder, env);
  await running.says('one: started');
  await until(async () => (await world.api('/groups?status=running')).json.groups.length === 1);
  running.process.kill('SIGKILL');
  await running.ended;

  const journal = join(world.dataDir, 'groups', id, 'journal.ndjson');
  const definitionFile = join(world.dataDir, 'groups', id, 'definition.json');
  const lines = await readFile(journal, 'utf8');
  const listed = async () => {
    const answers = [await world.manager.list(), (await world.api('/groups')).json.groups];
    for (const [group, ...others] of answers) {
      expect(others).toEqual([]);
      expect(group).toMatchObject({ id, status: 'interrupted' });
    }
    const [[{ damage }], [{ damage: ofApi }]] = answers;
    expect(ofApi).toBe(damage);
    return damage;
  };
  expect(await listed()).toBeUndefined();
  const wayOut = 'Nothing was changed. Restore the file from a backup, or delete the group.';

  await writeFile(journal, `${lines}${lines.trimEnd().split('\n').at(-1)}\n`);
  const last = lines.trimEnd().split('\n').length + 1;
  expect(await listed()).toMatch(new RegExp(`line ${last}: .*[^.]\\. ${wayOut}$`));
  await writeFile(journal, '');
  expect(await listed()).toMatch(new RegExp(`line 1: .*last known state: running.*[^.]\\. ${wayOut}$`));
  await writeFile(journal, lines);
  expect(await listed()).toBeUndefined();
  await rm(definitionFile);
  expect(await listed()).toBe(`${definitionFile}: missing. ${wayOut}`);

  expect((await world.api(`/groups/${id}`, { method: 'DELETE' })).status).toBe(202);
  expect(await world.manager.list({ archived: true })).toEqual([]);
});
