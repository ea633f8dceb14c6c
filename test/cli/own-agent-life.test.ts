// @module-tag processes
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { send } from '../serve/serve-world.ts';
import { finished, openWorkshop, type Workshop } from './workshop.ts';

/*
 * The life of a group whose agent is a plugin's: run, killed, seen from processes that do not have the plugin, resumed.
 */

const ZOD = pathToFileURL(createRequire(import.meta.url).resolve('zod')).href;

/** Works until it is interrupted; a resumed conversation is done at once. */
const PLUGIN = `
import { z } from '${ZOD}';
const mine = {
  kind: 'mine',
  capabilities: { resume: true, usage: 'none', spends: false, approvals: false },
  optionsSchema: z.object({ tone: z.string().default('plain'), loud: z.boolean().default(false) }),
  start({ agent: { options }, conversation }, emit) {
    const working = setInterval(() => emit({ type: 'activity' }), 1_000);
    const end = how => setImmediate(() => {
      clearInterval(working);
      emit({ type: 'ended', end: how });
    });
    setImmediate(() => {
      emit({ type: 'started', conversationId: conversation.id });
      if (conversation.resume) end({ outcome: 'done', result: JSON.stringify(options), denials: [] });
    });
    const cut = () => end({ outcome: 'interrupted' });
    return { interrupt: cut, terminate: cut, kill: cut, answerPermission() {} };
  },
};
export default { mine };
`;

let shop: Workshop;
let withPlugin: Record<string, string>;
beforeEach(async () => {
  shop = await openWorkshop();
  const folder = join(shop.folder, 'config');
  await mkdir(folder);
  await writeFile(join(folder, 'agents.mjs'), PLUGIN);
  await writeFile(join(folder, 'config.yaml'), 'plugins: [./agents.mjs]\n');
  withPlugin = { SESSION_GROUPS_CONFIG_DIR: folder };
  await shop.group(
    '  - { id: a, projectPath: a, prompt: Work, agent: { kind: mine, options: { tone: dry } } }\n',
  );
});
afterEach(() => shop.close());

test('a group with an own agent runs, survives kill -9, and is resumed by another process', async () => {
  const running = shop.startWith(withPlugin, 'run', 'group.yaml', '--json');
  await running.says('"session_started"');
  const [first] = running.out().split('\n');
  const id = String(JSON.parse(first ?? '').groupId);

  // Others need no plugin to look at it.
  const watching = shop.start('group', 'watch', id);
  await watching.says('a: started');
  const serving = shop.start('serve', '--json');
  await serving.says('"serving"');
  const { port, token } = JSON.parse(serving.out());
  const seen = await send(port, `/api/v1/groups/${id}/sessions/a`, {
    headers: { authorization: `Bearer ${token}` },
  });
  expect(JSON.parse(seen.text)).toMatchObject({ session: { id: 'a', agent: 'mine', status: 'running' } });
  serving.process.kill('SIGINT');
  expect(await serving.ended).toBe(0);

  running.process.kill('SIGKILL');
  await running.ended;
  await watching.ended;
  const [shown] = (await shop.finished('group', 'show', id, '--json')).lines;
  expect(shown).toMatchObject({ status: 'interrupted' });

  const without = await shop.finished('group', 'resume', id);
  expect(without).toMatchObject({ code: 4 });
  expect(without.err).toContain('error: session "a": no agent is registered for the kind "mine"');
  expect(without.err).toContain('in plugins of your config.yaml');

  const resumed = await finished(shop.startWith(withPlugin, 'group', 'resume', id, '--json'));
  expect(resumed).toMatchObject({ code: 0 });
  expect(resumed.lines.find(({ type }) => type === 'session_completed')).toMatchObject({
    result: '{"tone":"dry","loud":false}',
  });
  expect(resumed.lines.at(-1)).toMatchObject({ status: 'completed', sessions: { a: { attempts: 2 } } });
});

test('a group that was interrupted is stopped without its plugin', async () => {
  const running = shop.startWith(withPlugin, 'run', 'group.yaml', '--json');
  await running.says('"session_started"');
  running.process.kill('SIGKILL');
  await running.ended;
  expect(await shop.finished('group', 'stop', 'demo')).toMatchObject({ code: 0 });
  const [shown] = (await shop.finished('group', 'show', 'demo', '--json')).lines;
  expect(shown).toMatchObject({ status: 'stopped' });
});

test('serve runs groups with the agents of plugins, and takes definitions that name them', async () => {
  const serving = shop.startWith(withPlugin, 'serve', '--json');
  await serving.says('"serving"');
  const { port, token } = JSON.parse(serving.out());
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const post = (path: string, body: object) =>
    send(port, `/api/v1${path}`, { method: 'POST', headers, body });
  const definition = {
    version: 1,
    name: 'Posted',
    sessions: [{ id: 'a', projectPath: join(shop.folder, 'a'), prompt: 'Work', agent: 'mine' }],
  };
  const created = await post('/groups', { definition });
  expect(created.status).toBe(201);
  const { groupId } = JSON.parse(created.text);
  const again = {
    ...definition,
    sessions: [{ ...definition.sessions[0], agent: { kind: 'mine', options: { tone: 1 } } }],
  };
  const refused = await post(`/groups/${groupId}/update`, { definition: again });
  expect(refused.status).toBe(400);
  expect(refused.text).toContain('expected a string; got 1');
  serving.process.kill('SIGINT');
  expect(await serving.ended).toBe(0);
});
