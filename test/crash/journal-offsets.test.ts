import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { program } from '../sdk/process/process-fixture.ts';
import {
  CrashedGroup,
  type CrashPoint,
  compiledEngine,
  type EngineResult,
  expectNothingLost,
  outcomeOf,
  remainsOf,
  SNAPSHOT_MOMENTS,
} from './crashed-group.ts';

/** Kills an engine at each record of a group, and recovers the group (spec-session-groups.md §8). */

let modules = '';
beforeAll(() => {
  modules = compiledEngine();
});

type Sessions = ConstructorParameters<typeof CrashedGroup>[1];

/** Twelve sessions: chains, a fan, a join, one that fails at first, and one that fails for good with two dependents. */
const EDGES: Readonly<Record<string, readonly string[]>> = {
  lib: [],
  api: ['lib'],
  web: ['lib'],
  app: ['lib'],
  flaky: [],
  docs: ['api', 'web'],
  site: ['docs', 'flaky'],
  broken: ['app'],
  never: ['broken'],
  neither: ['never', 'lib'],
  alone: [],
  last: ['site', 'alone'],
};

const sessionsWith = (agentOf: (id: string) => object): ReturnType<Sessions> =>
  Object.entries(EDGES).map(([id, dependsOn]) => ({ id, dependsOn, ...agentOf(id) }));

const scripted: Sessions = () =>
  sessionsWith(id => {
    const result = { result: `result of ${id}` };
    const steps = {
      flaky: [{ cost: 0.02 }, { failure: 'agent_error', attempts: 1 }, result],
      broken: [{ cost: 0.01 }, { failure: 'permission_denied' }],
      lib: [{ text: 'first' }, { cost: 0.1 }, { text: 'then' }, { cost: 0.2 }, result],
      docs: [{ tokens: { input: 10, output: 5 } }, { cost: 0.3 }, result],
    }[id] ?? [result];
    return { agent: { kind: 'scripted', steps } };
  });

const commands: Sessions = log =>
  sessionsWith(id => ({
    agent: {
      kind: 'command',
      command: [program('logging-agent.sh'), log, id, ...(id === 'broken' ? ['fail'] : [])],
    },
    ...(id === 'broken' ? { retry: { maximumAttempts: 1 } } : {}),
  }));

async function undisturbed(sessions: Sessions): Promise<EngineResult> {
  const group = new CrashedGroup(modules, sessions);
  const result = await group.run();
  group.remove();
  if (!result) throw new Error('the engine was killed unexpectedly');
  return result;
}

let tried = 0;

/** False if the engine finished the group before the point. */
async function crashAt(sessions: Sessions, point: CrashPoint, expected: EngineResult): Promise<boolean> {
  const group = new CrashedGroup(modules, sessions);
  const survived = await group.run(point);
  if (!survived) {
    const remains = await remainsOf(group);
    const result = await group.recoverHere();
    expect(outcomeOf(result)).toEqual(outcomeOf(expected));
    await expectNothingLost(group, remains);
    tried += 1;
  }
  group.remove();
  return survived === undefined;
}

/** Two at a time; errors name the point. Returns how many points were reached. */
async function crashAtEach(sessions: Sessions, points: readonly CrashPoint[], expected: EngineResult) {
  const open = [...points];
  let crashes = 0;
  const worker = async (): Promise<void> => {
    for (let point = open.shift(); point; point = open.shift()) {
      const { when, killAt } = point;
      try {
        if (await crashAt(sessions, point, expected)) crashes += 1;
      } catch (cause) {
        throw new Error(`killed ${when} record ${killAt}: ${cause}`, { cause });
      }
    }
  };
  await Promise.all([worker(), worker()]);
  return crashes;
}

const upTo = (n: number, when: CrashPoint['when'], step = 1): CrashPoint[] =>
  Array.from({ length: Math.ceil(n / step) }, (_, index) => ({ killAt: 1 + index * step, when }));

describe('an engine killed at any record of a group of twelve sessions', { timeout: 1_200_000 }, () => {
  it('leaves a group that another engine brings to the same result: scripted agents, every record (I1, I4, I8, I10, I11)', async () => {
    const expected = await undisturbed(scripted);
    expect(expected.status).toBe('failed');
    expect(Object.keys(expected.sessions)).toHaveLength(12);
    expect(await crashAtEach(scripted, upTo(expected.appended, 'after'), expected)).toBe(expected.appended);
    expect(await crashAtEach(scripted, upTo(expected.appended, 'before'), expected)).toBe(expected.appended);
  });

  it('the same when killed while it writes a snapshot: every snapshot, at four moments', async () => {
    const expected = await undisturbed(scripted);
    expect(expected.snapshots).toBeGreaterThan(3);
    const points = SNAPSHOT_MOMENTS.flatMap(when => upTo(expected.snapshots, when));
    // The last one is written after the group has settled: nothing has to be recovered then, but it must work too.
    expect(await crashAtEach(scripted, points, expected)).toBe(points.length);
  });

  it('the same with programs, which keep their own log: every fifth record', async () => {
    const expected = await undisturbed(commands);
    const points = [...upTo(expected.appended, 'after', 5), ...upTo(expected.appended, 'before', 5)];
    // How output is split into messages, and so the number of records, differs from run to run.
    expect(await crashAtEach(commands, points, expected)).toBeGreaterThan(points.length * 0.9);
  });

  it('the same when the engines that take over are killed too, again and again', async () => {
    const expected = await undisturbed(commands);
    const group = new CrashedGroup(modules, commands);
    let result = await group.run({ killAt: 20, when: 'after' });
    let deaths = 0;
    while (!result) {
      deaths += 1;
      expect(deaths).toBeLessThan(expected.appended);
      const remains = await remainsOf(group);
      // A short-lived engine may write nothing but the takeover, so each lives a little longer.
      result = await group.recover({ killAt: 20 + 2 * deaths, when: 'after' });
      const records = await group.records();
      expect(records.slice(0, remains.records.length)).toEqual(remains.records);
      if (result) await expectNothingLost(group, remains);
      tried += 1;
    }
    expect(outcomeOf(result)).toEqual(outcomeOf(expected));
    expect(deaths).toBeGreaterThan(3);
    group.remove();
  });

  afterAll(() => process.stdout.write(`crash points recovered from: ${tried}\n`));
});
