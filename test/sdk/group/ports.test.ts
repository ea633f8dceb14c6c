// @module-tag processes
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { filter, firstValueFrom } from 'rxjs';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createActor } from 'xstate';
import { systemClock } from '../../../src/sdk/clock.ts';
import {
  createGroupMachine,
  createSessionGroup,
  openSessionGroup,
} from '../../../src/sdk/group/api/create.ts';
import type { GroupRunner } from '../../../src/sdk/group/runner.ts';
import { createMemoryStore } from '../../../src/sdk/group/store/memory-store.ts';
import { memoryProjectGate } from '../../../src/sdk/project/project-gate.ts';
import { createWorkspaces } from '../../../src/sdk/workspace/workspaces.ts';
import { repository } from '../../support/repository.ts';

let folder = '';
let path = '';
let handle: GroupRunner | undefined;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'ports-')));
  mkdirSync(join(folder, 'home'));
  const repo = repository(join(folder, 'repo'));
  repo.commit('first');
  path = repo.path;
});
afterEach(async () => {
  await handle?.dispose();
  rmSync(folder, { recursive: true, force: true });
});

/** Set-up, agent and checks each note the session's ports; the checks are red once, then wait for the gate. */
const note = (who: string) => `echo "${who} $PORT $ADMIN" >> '${folder}'/$NAME`;
type Words = [string, ...string[]];
const session = (id: string) => ({
  id,
  projectPath: path,
  prompt: 'go',
  env: { NAME: id },
  agent: { kind: 'command' as const, command: ['sh', '-c', note('agent')] as Words },
});
const config = () => ({
  workspace: { mode: 'worktree' as const, setup: [note('setup')], ports: ['PORT', 'ADMIN'] },
  verify: {
    commands: [
      `${note('check')}; test "$(grep -c check '${folder}'/$NAME)" -ge 2`,
      `until [ -e '${folder}/gate' ]; do sleep 0.05; done`,
    ],
  },
});
const noted = (id: string): string[][] =>
  readFileSync(join(folder, id), 'utf8')
    .trim()
    .split('\n')
    .map(line => line.split(' '));

test('set-up, agent and checks have the same ports, also in later attempts and after a restart', async () => {
  const env = { PATH: process.env.PATH, HOME: join(folder, 'home') };
  const gate = memoryProjectGate();
  const workspaces = createWorkspaces({ clock: systemClock, env, workDir: join(folder, 'work'), gate });
  const store = createMemoryStore();
  const options = { env, workspaces, projects: gate, store };
  const definition = {
    version: 1 as const,
    name: 'Ports',
    config: config(),
    sessions: [session('a'), session('b')],
  };
  const group = await createSessionGroup(definition, options);
  handle = group;
  const checking = (id: string) =>
    firstValueFrom(
      group.events$.pipe(
        filter(
          event =>
            event.type === 'session_verifying' && event.sessionId === id && existsSync(join(folder, id)),
        ),
        filter(() => noted(id).some(([who]) => who === 'check')),
      ),
    );
  const both = Promise.all([checking('a'), checking('b')]);
  const run = group.run();
  await both;
  await group.pause();
  await run;
  await group.dispose();
  writeFileSync(join(folder, 'gate'), '');
  const next = await openSessionGroup(group.id, options);
  handle = next;
  expect((await next.resume()).status).toBe('completed');

  const ports = ['a', 'b'].map(id => {
    const lines = noted(id);
    expect([...new Set(lines.map(([who]) => who))]).toEqual(['setup', 'agent', 'check']);
    expect(lines.length).toBeGreaterThan(4);
    const [first, ...others] = new Set(lines.map(([, ...own]) => own.join(' ')));
    expect(others).toEqual([]);
    return (first ?? '').split(' ');
  });
  expect(new Set(ports.flat()).size).toBe(4);
  expect(ports.flat().every(port => Number(port) > 0)).toBe(true);
});

test.each([
  ['setup', "the group's"],
  ['agent', "the group's"],
  ['setup', "the host's"],
  ['agent', "the host's"],
])('ports of a group that is disposed of during %s, with %s actor, are free again', async (during, whose) => {
  const env = { PATH: process.env.PATH, HOME: join(folder, 'home') };
  const gate = memoryProjectGate();
  const workspaces = createWorkspaces({ clock: systemClock, env, workDir: join(folder, 'work'), gate });
  const wait = `echo "$PORT $ADMIN" >> '${folder}'/began; until [ -e '${folder}/gate' ]; do sleep 0.05; done`;
  const definition = {
    version: 1 as const,
    name: 'Ports',
    config: { workspace: { ...config().workspace, setup: [during === 'setup' ? wait : 'true'] } },
    sessions: [
      { ...session('a'), agent: { kind: 'command' as const, command: ['sh', '-c', wait] as Words } },
    ],
  };
  const options = { env, workspaces, projects: gate, store: createMemoryStore() };
  const began = () => existsSync(join(folder, 'began')) && readFileSync(join(folder, 'began'), 'utf8').trim();
  let ports: number[] = [];
  const working = async () => {
    const words = await vi.waitUntil(began, 60_000);
    ports = words.split(' ').map(Number);
  };
  if (whose === "the group's") {
    handle = await createSessionGroup(definition, options);
    void handle.run();
    await working();
  } else {
    const logic = await createGroupMachine(definition, options);
    handle = logic.group;
    const actor = createActor(logic.machine, { input: logic.input() });
    actor.start();
    handle.run().catch(() => {}); // its host stops the actor
    await working();
    actor.stop();
  }
  const areFree = () => ports.map(port => gate.tryEnter(`port ${port}`, 1, 'another'));
  expect(areFree()).toEqual([false, false]);
  await handle.dispose();
  expect(areFree()).toEqual([true, true]);
});
