// @module-tag processes
// @module-tag long
import { mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { filter, firstValueFrom } from 'rxjs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../../src/sdk/clock.ts';
import { createSessionGroup, openSessionGroup } from '../../../../src/sdk/group/api/create.ts';
import type { GroupRunner } from '../../../../src/sdk/group/runner.ts';
import { createMemoryStore } from '../../../../src/sdk/group/store/memory-store.ts';
import { memoryProjectGate } from '../../../../src/sdk/project/project-gate.ts';
import { createPuppetAgent, type PuppetAgent } from '../../../../src/sdk/testing/puppet-agent.ts';
import type { WorkspacePort } from '../../../../src/sdk/workspace/port.ts';
import { createWorkspaces } from '../../../../src/sdk/workspace/workspaces.ts';
import { heldWorkspaces } from '../../../support/held-workspaces.ts';
import { ownProcesses } from '../../../support/own-processes.ts';
import { passingClock } from '../../../support/passing-clock.ts';
import { type Repository, repository } from '../../../support/repository.ts';

/*
 * Two sessions with trees of one repository, and a delivery: they are held in each state in which no agent works, and
 * something happens there.
 */

let folder = '';
let repo: Repository;
let handle: GroupRunner | undefined;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'interrupted-')));
  repo = repository(join(folder, 'repo'));
  repo.write('README.md', 'the project\n');
  repo.commit('first');
  repository(join(folder, 'home'));
});
afterEach(async () => {
  await handle?.dispose();
  handle = undefined;
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

/** Where the engine is held: in a step of the port, or in the checks. */
const STATES = {
  settingUp: 'prepare',
  saving: 'takeResult',
  verifying: 'checks',
  waiting: 'planMerge',
  merging: 'takeMerge',
  checking: 'merged checks',
  advancing: 'advance',
  delivering: 'deliver',
} as const satisfies Record<string, keyof WorkspacePort | 'checks' | 'merged checks'>;
type State = keyof typeof STATES;
const ALL = Object.keys(STATES).filter((state): state is State => state in STATES);
/** Those in which another session can be at work. */
const OF_SESSIONS = ALL.filter(state => state !== 'delivering');

interface Held {
  readonly group: GroupRunner;
  readonly run: Promise<unknown>;
  readonly clock: ReturnType<typeof passingClock>;
  readonly puppet: PuppetAgent;
  /** What holds it lets go. */
  release(): void;
  /** Another engine takes the group over. */
  opened(): Promise<GroupRunner>;
}

/** Starts a group, and holds it in a state. @param withOther a third session has an agent that works on, and is paid. */
async function heldIn(state: State, withOther = false): Promise<Held> {
  const clock = passingClock();
  const gate = join(folder, 'gate');
  const where = STATES[state];
  const isCheck = where === 'checks' || where === 'merged checks';
  const until = `until [ -e '${gate}' ]; do sleep 0.05; done`;
  const both = '[ ! -e a.txt ] || [ ! -e c.txt ]';
  const check = where === 'checks' ? until : where === 'merged checks' ? `${both} || ${until}` : 'true';
  const env = { PATH: process.env.PATH, HOME: join(folder, 'home') };
  const projects = memoryProjectGate();
  const real = createWorkspaces({
    ...{ clock: systemClock, env, workDir: join(folder, 'work'), gate: projects },
  });
  const held = isCheck ? undefined : heldWorkspaces(real, where);
  const store = createMemoryStore();
  const puppet = createPuppetAgent({ kind: 'scripted', ignoresInterrupt: true });
  const options = { clock, env, store, projects, agents: { scripted: puppet } };
  const writer = (id: string) => ({
    ...{ id, projectPath: repo.path, prompt: 'go' },
    agent: {
      kind: 'command' as const,
      command: ['sh', '-c', `echo ${id} > ${id}.txt`] as [string, ...string[]],
    },
    ...{ workspace: { mode: 'worktree' as const }, verify: { commands: [check], attempts: 1 } },
  });
  const other = {
    ...{ id: 'other', projectPath: join(folder, 'home'), prompt: 'go', agent: { kind: 'scripted' as const } },
    integrate: { mode: 'none' as const },
  };
  const group = await createSessionGroup(
    {
      version: 1,
      name: 'Interrupted',
      config: {
        retry: { maximumAttempts: 1 },
        budget: { maxBudgetUsd: 10 },
        ...(withOther ? {} : { timeouts: { idle: '1m', attempt: '2m' } }),
        integrate: { mode: 'merge', into: 'main' },
      },
      sessions: [writer('a'), writer('c'), ...(withOther ? [other] : [])],
    },
    { ...options, workspaces: held?.workspaces ?? real },
  );
  handle = group;
  const reached = held?.reached ?? checking(group, where === 'merged checks');
  const begun = withOther ? puppet.started() : undefined;
  const run = group.run();
  await Promise.all([reached, begun]);
  if (state === 'waiting') await bothAre('integrating', group);
  const release = () => (held ? held.release() : writeFileSync(gate, ''));
  return {
    ...{ group, run, clock, puppet, release },
    async opened() {
      store.crash(group.id);
      release();
      await group.dispose().catch(() => {}); // what it would still journal is refused
      const next = await openSessionGroup(group.id, { ...options, workspaces: real });
      handle = next;
      return next;
    },
  };
}

const checking = (group: GroupRunner, merged: boolean) =>
  firstValueFrom(
    group.events$.pipe(
      filter(event => event.type === 'session_verifying' && (event.merged === true) === merged),
    ),
  );

const bothAre = (wanted: string, group: GroupRunner) =>
  firstValueFrom(
    group.progress$.pipe(
      filter(({ sessions }) => sessions.filter(({ status }) => status === wanted).length === 2),
    ),
  );

const filesIn = (ref: string) => repo.git('ls-tree', '--name-only', ref).trim().split('\n');

/** Nothing is left of any process, and the repository is as its user had it. */
async function expectTidy(group: GroupRunner): Promise<void> {
  expect(ownProcesses(`${group.id}:`)).toEqual([]);
  expect(repo.git('status', '--porcelain', '--branch')).toBe('## main\n');
  const files = readdirSync(join(repo.path, '.git'), { recursive: true, encoding: 'utf8' });
  expect(files.filter(file => file.endsWith('.lock'))).toEqual([]);
}

/** Both have been delivered, each by its one attempt. */
async function expectDelivered(group: GroupRunner): Promise<void> {
  const { status, sessions } = group.getResult();
  expect([status, sessions.a?.attempts, sessions.c?.attempts]).toEqual(['completed', 1, 1]);
  expect(filesIn('main')).toEqual(['README.md', 'a.txt', 'c.txt']);
  await expectTidy(group);
}

describe('a group that delivers', () => {
  test.each(ALL)('goes on from %s after a pause', async state => {
    const { group, release } = await heldIn(state);
    const paused = group.pause();
    release();
    expect((await paused).status).toBe('paused');
    await expectTidy(group);
    await group.resume();
    await expectDelivered(group);
  });

  test.each(ALL)('goes on from %s in another engine', async state => {
    const next = await (await heldIn(state)).opened();
    await next.resume();
    await expectDelivered(next);
  });

  test.each(ALL)('can be stopped in %s: what its agents wrote stays in a ref', async state => {
    const { group, release } = await heldIn(state);
    const stopped = group.stop();
    release();
    const { sessions } = await stopped;
    expect(group.getResult().status).toBe('stopped');
    const began = Object.keys(sessions).filter(id => (sessions[id]?.attempts ?? 0) > 0);
    for (const id of began) expect(repo.git('log', '--all', '--format=%H', '--', `${id}.txt`)).not.toBe('');
    if (state !== 'delivering') expect(filesIn('main')).toEqual(['README.md']);
    await expectTidy(group);
  });

  test.each(ALL)('has no time limit of an agent in %s', async state => {
    const { group, run, clock, release } = await heldIn(state);
    clock.pass(180_000);
    release();
    await run;
    await expectDelivered(group);
  });

  test.each(OF_SESSIONS)('that reaches its budget in %s goes on from there under a new one', async state => {
    const { group, run, puppet, release } = await heldIn(state, true);
    puppet.of('other').costs(11);
    puppet.of('other').yields();
    release();
    expect(await run).toMatchObject({ status: 'paused', reason: 'budget_exceeded' });
    await expectTidy(group);
    const again = puppet.started();
    const resumed = group.resume({ maxBudgetUsd: 20 });
    await again;
    puppet.of('other').completes('done');
    await resumed;
    await expectDelivered(group);
  });

  test.each(OF_SESSIONS)(
    'whose agents are limited while it is in %s goes on where no agent is needed',
    async state => {
      const { group, run, clock, puppet, release } = await heldIn(state, true);
      puppet.of('other').isLimited(clock.now() + 3_600_000);
      release();
      await bothAre('completed', group);
      const again = puppet.started();
      clock.pass(3_600_000);
      await again;
      puppet.of('other').completes('done');
      await run;
      await expectDelivered(group);
    },
  );
});
