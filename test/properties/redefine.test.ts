import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, test } from 'vitest';
import { SessionGroupsError } from '../../src/sdk/errors.ts';
import { createSessionGroup } from '../../src/sdk/group/api/create.ts';
import type { GroupRunner } from '../../src/sdk/group/runner.ts';
import { viewGroup } from '../../src/sdk/group/standing/view.ts';
import type { SessionGroupInput } from '../../src/sdk/group/types.ts';
import { SimulatedClock } from '../../src/sdk/simulated-clock.ts';
import { Oracle, type Settlement } from '../../src/sdk/testing/lifecycle/oracle.ts';
import { ownSlug } from '../support/bench.ts';
import {
  type ControlWorld,
  checkAtRest,
  checkFold,
  createControlWorld,
  request,
  turns,
} from '../support/control-world.ts';
import { expect } from '../support/light-expect.ts';
import { runs } from '../support/runs.ts';

/** Random groups whose definition is changed at random moments of their lives. */

const folder = mkdtempSync(join(tmpdir(), 'redefine-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const MOST = 4;
const IDS = 6;
/** Some sessions share one. */
const PROJECTS = 6;
for (let project = 0; project < PROJECTS; project++) mkdirSync(join(folder, `p${project}`));

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ delay: fc.constantFrom(1_000, 30_000) }) },
  { weight: 2, arbitrary: fc.record({ cost: fc.constantFrom(0.05, 0.4) }) },
  {
    weight: 1,
    arbitrary: fc.record({ failure: fc.constantFrom('agent_error', 'max_turns'), attempts: fc.constant(1) }),
  },
  { weight: 1, arbitrary: fc.record({ limit: fc.constant('10m'), attempts: fc.constant(1) }) },
);

/** What a session is, but for its id. */
const shape = fc.record({
  steps: fc.array(step, { maxLength: 3 }),
  dependsOn: fc.uniqueArray(
    fc.record({ on: fc.nat(IDS - 1), when: fc.constantFrom('completed', 'failed', 'settled') }),
    { maxLength: 2, selector: edge => edge.on },
  ),
  trigger: fc.constantFrom('all', 'any'),
  allowFailure: fc.boolean(),
  priority: fc.constantFrom(0, 1),
});
type Shape = typeof shape extends fc.Arbitrary<infer T> ? T : never;

const settings = fc.record({
  maxConcurrent: fc.integer({ min: 1, max: MOST }),
  errorThreshold: fc.constantFrom(1, 3, 99),
  respectDependencies: fc.constantFrom(true, true, true, false),
  maxBudgetUsd: fc.constantFrom<(number | 'none')[]>('none', 'none', 0.3, 2),
});
type Settings = typeof settings extends fc.Arbitrary<infer T> ? T : never;

const change = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('add' as const), id: fc.nat(IDS - 1), shape }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('remove' as const), id: fc.nat(IDS - 1) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('change' as const), id: fc.nat(IDS - 1), shape }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('update' as const),
      settings,
      drop: fc.uniqueArray(fc.nat(IDS - 1), { maxLength: 3 }),
      more: fc.array(fc.tuple(fc.nat(IDS - 1), shape), { maxLength: 3 }),
    }),
  },
);
const moment = fc.oneof(
  { weight: 3, arbitrary: change },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('advance' as const),
      ms: fc.constantFrom(1, 900, 6_000, 40_000, 700_000),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'run' as const,
        'pause' as const,
        'resume' as const,
        'resume' as const,
        'retry' as const,
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('stop' as const) }) },
);
type Moment = typeof moment extends fc.Arbitrary<infer T> ? T : never;

function sessionOf(id: number, { steps, dependsOn, ...more }: Shape): SessionGroupInput['sessions'][number] {
  return {
    id: `s${id}`,
    projectPath: join(folder, `p${id % PROJECTS}`),
    prompt: 'go',
    agent: { kind: 'scripted', steps: steps as never },
    dependsOn: dependsOn.map(({ on, when }) => ({ session: `s${on}`, when: when as 'completed' })),
    ...more,
    trigger: more.trigger as 'all',
  };
}

/** Mostly without edges to sessions that there are not. */
const knownOnly = ({ group }: GroupRunner, { dependsOn, ...more }: Shape): Shape => {
  const has = (on: number) => group.definition.sessions.some(({ id }) => id === `s${on}`);
  return { ...more, dependsOn: dependsOn.filter(({ on, when }) => when === 'settled' || has(on)) };
};

function configOf({ maxBudgetUsd, ...concurrency }: Settings): NonNullable<SessionGroupInput['config']> {
  return {
    agent: 'scripted',
    concurrency,
    budget: { maxBudgetUsd },
    retry: { maximumAttempts: 2, initialInterval: '5s' },
  };
}

const tally = { applied: 0, refused: 0, invalid: 0, live: 0, ended: 0 };

/** A change is made as a whole, or refused and leaves everything as it was. */
async function changing(
  { handle }: ControlWorld,
  make: (group: GroupRunner) => Promise<unknown>,
): Promise<void> {
  const before = handle.group;
  const { status } = handle.getProgress();
  const error = await make(handle).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error === undefined) {
    tally.applied++;
    if (status === 'running') tally.live++;
    if (['completed', 'failed', 'stopped'].includes(status)) tally.ended++;
    return;
  }
  expect(error, String(error)).toBeInstanceOf(SessionGroupsError);
  const { code } = error as SessionGroupsError;
  expect([
    'invalid_definition',
    'unknown_session',
    'sessions_in_the_way',
    'still_pausing',
    'not_in_this_state',
  ]).toContain(code);
  if (code === 'invalid_definition' || code === 'unknown_session') tally.invalid++;
  else tally.refused++;
  expect(handle.group).toBe(before);
}

async function apply(world: ControlWorld, one: Moment): Promise<void> {
  const { handle, clock } = world;
  switch (one.do) {
    case 'advance':
      for (const end = clock.now() + one.ms; (clock.nextAt ?? Number.POSITIVE_INFINITY) <= end; ) {
        clock.step();
        await turns();
        world.check();
      }
      break;
    case 'add':
      await changing(world, group => group.addSession(sessionOf(one.id, knownOnly(group, one.shape))));
      break;
    case 'remove':
      await changing(world, group => group.removeSession(`s${one.id}`));
      break;
    case 'change': {
      const { id: _, ...changes } = sessionOf(one.id, knownOnly(handle, one.shape));
      await changing(world, group => group.updateSession(`s${one.id}`, changes));
      break;
    }
    case 'update':
      await changing(world, group => {
        const { definition } = group.group;
        const kept = definition.sessions.filter(({ id }) => !one.drop.some(dropped => id === `s${dropped}`));
        const more = one.more
          .filter(([id], at, all) => all.findIndex(([other]) => other === id) === at)
          .filter(([id]) => !kept.some(session => session.id === `s${id}`))
          .map(([id, made]) => sessionOf(id, made));
        return group.update({ ...definition, config: configOf(one.settings), sessions: [...more, ...kept] });
      });
      break;
    default:
      await request(world, one.do, () => handle[one.do]());
  }
  await turns();
  world.check();
  checkReady(world);
}

/** I2 and I3 by the definition that holds at the moment, judged when a session starts for the first time. */
function watchStarts(world: ControlWorld): void {
  const agent = world.options.agents?.scripted;
  if (!agent) throw new Error('no agent');
  const { start } = agent;
  Object.assign(agent, {
    start(...[spec, sink]: Parameters<typeof start>) {
      const { group } = world.handle;
      const { concurrency } = group.definition.config;
      const settled = settledOf(world);
      if (spec.attempt === 1 && concurrency.respectDependencies) {
        const verdict = new Oracle(group.definition.sessions).trigger(spec.sessionId, settled);
        if (verdict !== 'start') broken ??= new Error(`I2: ${spec.sessionId} starts, and is to ${verdict}`);
      }
      if (world.live.size >= concurrency.maxConcurrent) broken ??= new Error(`I3: ${spec.sessionId} starts`);
      return start(spec, sink);
    },
  });
}
let broken: Error | undefined;

function settledOf({ handle }: ControlWorld): Map<string, Settlement> {
  const settled = new Map<string, Settlement>();
  for (const { id, status, skipReason } of handle.getProgress().sessions) {
    if (status === 'completed' || status === 'failed' || status === 'stopped' || status === 'skipped') {
      settled.set(id, { outcome: status, reason: skipReason });
    }
  }
  return settled;
}

/** While the group runs nobody waits who could start, and nobody waits who is to be skipped (I13, SCHEDULE-3). */
function checkReady(world: ControlWorld): void {
  if (broken) throw broken;
  const { handle } = world;
  const { definition } = handle.group;
  const progress = handle.getProgress();
  expect(progress.sessions.map(({ id }) => id)).toEqual(definition.sessions.map(({ id }) => id));
  expect(Object.keys(handle.getResult().sessions)).toEqual(definition.sessions.map(({ id }) => id));
  if (!definition.config.concurrency.respectDependencies) return;
  const settled = settledOf(world);
  const oracle = new Oracle(definition.sessions);
  for (const { id, status, attempts } of progress.sessions) {
    if (status !== 'pending' || attempts > 0) continue;
    const verdict = oracle.trigger(id, settled);
    if (progress.status !== 'created' && !['completed', 'failed', 'stopped'].includes(progress.status)) {
      expect(verdict, `${id} is pending while the group is ${progress.status}`).not.toBe('skip');
    }
    if (progress.status === 'running' && verdict === 'wait') {
      expect(handle.why(id)?.kind, id).toBe('dependency');
    }
  }
}

/** What a new owner would see is what there is (I11). */
async function checkView(world: ControlWorld): Promise<void> {
  const { handle, options } = world;
  const { progress } = viewGroup(await options.store.read(handle.id), world.clock);
  const live = handle.getProgress();
  const standing = ({ sessions, status, totalCostUsd }: typeof live) => ({
    status,
    totalCostUsd,
    sessions: sessions.map(one => [one.id, one.status, one.costUsd, one.attempts, one.skipReason]),
  });
  expect(standing(progress)).toEqual(standing(live));
}

async function play(first: readonly Shape[], config: Settings, moments: readonly Moment[]): Promise<void> {
  const clock = new SimulatedClock();
  const world = createControlWorld(clock, MOST);
  broken = undefined;
  const sessions = first.map(({ dependsOn, ...more }, index) =>
    sessionOf(index, { ...more, dependsOn: dependsOn.filter(({ on }) => on < index) }),
  );
  const named = { version: 1 as const, name: 'redefined', slug: ownSlug() };
  const definition = { ...named, config: configOf(config), sessions };
  const handle = await createSessionGroup(definition, world.options);
  world.watch(handle);
  watchStarts(world);
  try {
    if (moments.length % 3 > 0) await apply(world, { do: 'run' });
    for (const one of moments) await apply(world, one);
    for (let left = 400; left > 0; left--) {
      await turns();
      world.check();
      if (!clock.step()) break;
    }
    await turns();
    world.check();
    checkReady(world);
    checkAtRest(world);
    await checkFold(world.handle, world.options.store);
    await checkView(world);
  } finally {
    const disposed = handle.dispose();
    for (let left = 200; left > 0; left--) {
      await turns();
      if (!clock.step()) break;
    }
    await disposed;
  }
  expect(clock.pending).toBe(0);
  expect(world.live.size).toBe(0);
}

test('changes of the definition at any moment keep the invariants (I1–I9, I11, I13, I15)', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(shape, { minLength: 1, maxLength: 5 }),
      settings,
      fc.array(moment, { maxLength: 20, size: 'max' }),
      play,
    ),
    {
      numRuns: Number(process.env.SEQUENCES ?? runs(700)),
      ...(process.env.SEED ? { seed: Number(process.env.SEED) } : {}),
    },
  );
  // The changes come at all kinds of moments, or this says little.
  expect(Math.min(tally.applied, tally.refused, tally.invalid, tally.live, tally.ended)).toBeGreaterThan(
    runs(10) - 1,
  );
  process.stdout.write(`${JSON.stringify(tally)}\n`);
}, 900_000);
