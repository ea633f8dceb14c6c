import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createSessionGroup } from '../../../../src/sdk/group/api/create.ts';
import { viewGroup } from '../../../../src/sdk/group/standing/view.ts';
import { createMemoryStore } from '../../../../src/sdk/group/store/memory-store.ts';
import type { SessionGroupInput } from '../../../../src/sdk/group/types.ts';
import { memoryProjectGate } from '../../../../src/sdk/project/project-gate.ts';

const project = mkdtempSync(join(tmpdir(), 'fan-out-'));
afterAll(() => rmSync(project, { recursive: true, force: true }));

const HANGS = { kind: 'scripted', steps: [{ text: 'hi' }, { hang: true }] } as const;
const FAILS = { kind: 'scripted', steps: [{ failure: 'model_not_found' }] } as const;
const definition = (forEach: string[], more: object = {}): SessionGroupInput => ({
  version: 1,
  name: 'Demo',
  variables: { topic: 'security' },
  config: { agent: 'scripted', concurrency: { maxConcurrent: 9, maxPerProject: 9, errorThreshold: 9 } },
  sessions: [
    { id: 'audit', forEach, projectPath: project, prompt: '{{ each }} for {{ vars.topic }}', ...more },
    { id: 'plain', projectPath: project, prompt: 'x' },
  ],
});
const create = (input: SessionGroupInput, options: object = {}) =>
  createSessionGroup(input, { projects: memoryProjectGate(), env: {}, ...options });

test('progress and result say which value of which fan-out a session is for', async () => {
  const group = await create(definition(['api', 'web']));
  const { sessions } = await group.run();
  expect(group.getProgress().sessions.map(({ id, forEach }) => [id, forEach])).toEqual([
    ['audit.api', { of: 'audit', value: 'api' }],
    ['audit.web', { of: 'audit', value: 'web' }],
    ['plain', undefined],
  ]);
  expect(sessions['audit.web']).toMatchObject({
    status: 'completed',
    forEach: { of: 'audit', value: 'web' },
  });
  await group.dispose();
});

test('the name of a fan-out is paused, resumed and removed as all of its sessions', async () => {
  const group = await create(definition(['api', 'web'], { agent: HANGS }));
  const ran = group.run();
  await new Promise<void>(resolve => {
    const started = new Set<string>();
    group.events$.subscribe(event => {
      if (event.type === 'session_message' && started.add(event.sessionId).size === 3) resolve();
    });
  });
  await group.pauseSession('audit.api');
  await group.pauseSession('audit'); // the other one; that which is held already is no reason to refuse
  const { status } = await ran;
  expect(status).toBe('paused');
  const statuses = () => group.getProgress().sessions.map(session => session.status);
  expect(statuses()).toEqual(['paused', 'paused', 'completed']);
  await expect(group.pauseSession('audit')).rejects.toMatchObject({ code: 'session_not_pausable' });
  await group.resumeSession('audit');
  await expect(group.pauseSession('nobody')).rejects.toMatchObject({ code: 'unknown_session' });
  await group.dispose();
  const created = await create(definition(['api', 'web']));
  expect(await created.removeSession('audit')).toMatchObject({ removed: ['audit.api', 'audit.web'] });
  await created.dispose();
});

test('a retry of its name is one of those that failed, in a saved group too', async () => {
  const store = createMemoryStore();
  const group = await create(definition(['api', 'web'], { agent: FAILS }), { store });
  await group.run();
  expect(group.retryPlan(['audit'])).toEqual(['audit.api', 'audit.web']);
  expect(group.retryPlan(['audit', 'plain', 'audit.api'])).toEqual(['audit.api', 'audit.web']);
  const { retryPlan } = await viewGroup(await store.read(group.id));
  expect(retryPlan(['audit'])).toEqual(['audit.api', 'audit.web']);
  await group.retry({ sessions: ['audit'] });
  expect(group.getResult().sessions['audit.api']?.attempts).toBe(2);
  await expect(group.retry({ sessions: ['nobody'] })).rejects.toMatchObject({ code: 'unknown_session' });
  await group.dispose();
});

test('an update keeps the sessions of values that stay, and the values of variables that were given', async () => {
  const group = await create(definition(['a/b']), { variables: { topic: 'speed' } });
  expect(await group.update(definition(['a-b', 'a/b'], { model: 'opus' }))).toMatchObject({
    added: [expect.stringMatching(/^audit\.a-b-/)],
    removed: [],
    changed: ['audit.a-b'],
  });
  const { variables } = group.group.definition;
  expect(variables?.topic).toEqual({ default: 'security', value: 'speed' });
  const changes = await group.update(definition(['a-b', 'a/b'], { model: 'opus' }), {
    variables: { topic: 'size' },
  });
  expect(changes).toMatchObject({ added: [], removed: [], settings: ['variables'] });
  expect(changes.changed).toHaveLength(2); // their prompts name the variable, that of `plain` does not
  await group.dispose();
});

test('a session that is added may be for a list of values, and one that is there stays one', async () => {
  const group = await create(definition(['api']));
  const more = { id: 'fix', projectPath: project, prompt: 'fix {{ each }}', dependsOn: ['audit'] };
  expect(await group.addSession({ ...more, forEach: ['a', 'b'] })).toMatchObject({
    added: ['fix.a', 'fix.b'],
  });
  for (const forEach of [{ glob: '*' }, { projects: ['..'] }, '{{ vars.topic }}']) {
    const adding = group.addSession({ ...more, id: 'other', forEach });
    await expect(adding).rejects.toMatchObject({ diagnostics: [{ code: 'for_each_in_change' }] });
  }
  const changing = group.updateSession('plain', { forEach: ['a'] });
  await expect(changing).rejects.toMatchObject({ diagnostics: [{ code: 'for_each_in_change' }] });
  await group.dispose();
});

test('an option that is no map of values is refused', async () => {
  const options = { variables: 'topic=x' };
  await expect(create(definition(['a']), options)).rejects.toMatchObject({ code: 'invalid_argument' });
});
