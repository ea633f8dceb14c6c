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

/** An engine that ends itself by SIGKILL at each record of a group, and the recovery from that (spec-session-groups.md §8). */

let modules = '';
beforeAll(() => {
  modules = compiledEngine();
});

type Sessions = ConstructorParameters<typeof CrashedGroup>[1];

/** Twelve sessions: chains, a fan, a join, one that fails at first, and one that fails for good with two after it. */
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
  if (!result) throw new Error('killed by somebody');
  return result;
}

let tried = 0;

/** Gives false when the engine came to the group's end before the point. */
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

/** Two at a time, each named in what it throws. Gives how many points were crash points. */
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

describe('an engine that is killed at any record of a group of twelve sessions', { timeout: 400_000 }, () => {
  it('leaves a group that another brings to the same end: scripted agents, every record (I1, I4, I8, I10, I11)', async () => {
    const expected = await undisturbed(scripted);
    expect(expected.status).toBe('failed');
    expect(Object.keys(expected.sessions)).toHaveLength(12);
    expect(await crashAtEach(scripted, upTo(expected.appended, 'after'), expected)).toBe(expected.appended);
    expect(await crashAtEach(scripted, upTo(expected.appended, 'before'), expected)).toBe(expected.appended);
  });

  it('the same when it is killed while it writes a snapshot: every snapshot, at four moments', async () => {
    const expected = await undisturbed(scripted);
    expect(expected.snapshots).toBeGreaterThan(3);
    const points = SNAPSHOT_MOMENTS.flatMap(when => upTo(expected.snapshots, when));
    // The last one is written when all is over: it is no crash of a group that has to go on, and recovers all the same.
    expect(await crashAtEach(scripted, points, expected)).toBe(points.length);
  });

  it('the same with programs, which keep their own log: every fifth record', async () => {
    const expected = await undisturbed(commands);
    const points = [...upTo(expected.appended, 'after', 5), ...upTo(expected.appended, 'before', 5)];
    // How the output is cut into messages differs from run to run, and with it the number of records.
    expect(await crashAtEach(commands, points, expected)).toBeGreaterThan(points.length * 0.9);
  });

  it('the same when those who take over are killed too, again and again', async () => {
    const expected = await undisturbed(commands);
    const group = new CrashedGroup(modules, commands);
    let result = await group.run({ killAt: 20, when: 'after' });
    let deaths = 0;
    while (!result) {
      deaths += 1;
      expect(deaths).toBeLessThan(expected.appended);
      const remains = await remainsOf(group);
      // What is written before anything new ends is as much as a short life allows: each lives a little longer.
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

  afterAll(() => process.stdout.write(`crash points tried and survived: ${tried}\n`));
});
