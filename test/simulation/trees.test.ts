// @module-tag long
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makePlan } from './plan/make-plan.ts';
import type { Plan, PlannedRun } from './plan/plan.ts';
import { violationWords } from './report.ts';
import { runPlan } from './runs.ts';
import type { Simulation } from './world/simulation.ts';
import { interception } from './world/simulation.ts';

/* One group that delivers, killed at each point before and after each step of git: it always comes to the same end. */

beforeAll(() => interception.install());
afterAll(() => interception.remove());

const writes = (...paths: string[]): PlannedRun => ({
  ...{ startMs: 0, end: { is: 'done' }, ignores: 0, stopMs: 0, scope: 'process' },
  steps: paths.map(path => ({ after: 0, does: 'write', path })),
});

const several = (run: PlannedRun): PlannedRun[] => Array.from({ length: 5 }, () => run);

const session = (id: string, repository: string, ...on: string[]) => ({
  ...{
    id,
    repository,
    project: id,
    trigger: 'all' as const,
    priority: 0,
    allowFailure: false,
    resumes: true,
  },
  dependsOn: on.map(other => ({ session: other, when: 'completed' as const })),
});

/** Two that conflict in one repository, a third beside them, and a fourth in another that depends on two of them. */
const { heirs: _, ...given } = makePlan(1);
const PLAN: Plan = {
  ...given,
  durability: 'process',
  definition: {
    ...given.definition,
    ...{ maxConcurrent: 4, maxPerProject: 4, respectDependencies: true, errorThreshold: 10 },
    ...{ idleMs: 600_000, attemptMs: 7_200_000, onRequest: 'deny' },
    delivery: {
      ...{ trees: true, setup: true, integrate: 'merge', verifyMerge: true, onConflict: 'resolve' },
      ...{ into: 'main', scope: 'all', keep: 'until_merged', verify: { attempts: 4, timeoutMs: 60_000 } },
    },
    sessions: [
      session('s0', 'p0'),
      session('s1', 'p0'),
      session('s2', 'p0'),
      session('s3', 'p1', 's0', 's1'),
    ],
  },
  // Who is killed as it works begins again.
  runs: {
    s0: several(writes('own', 'a.txt')),
    s1: several(writes('a.txt')),
    s2: several(writes('own')),
    s3: several(writes('own')),
  },
  actions: [{ at: { ms: 0 }, process: 0, via: 'handle', verb: 'run', args: {} }],
  ...{ faults: [], heirs: [], person: [], retries: 0, followers: [], settles: true },
  delivery: {
    stepMs: 10,
    checks: { s2: [{ takesMs: 300, is: 'red' }] },
    setups: [{ takesMs: 300, is: 'green' }],
  },
};

const dying = (nth: number): Plan => ({
  ...PLAN,
  faults: [{ kind: 'crash in a step', step: 'any', nth, ...(nth % 2 === 0 ? { reaperMs: 0 } : {}) }],
});

/** What the user's branches have in the end, line by line: who came first differs where time does. */
function delivered({ ground, plan }: Simulation): Record<string, string[]> {
  const { repositories } = ground.ground;
  const projects = [...repositories.keys()].sort();
  expect(projects).toHaveLength(plan.definition.sessions.length / 2);
  return Object.fromEntries(
    projects.flatMap(project => {
      const repository = repositories.get(project);
      const files = repository?.at(repository.refs.get('refs/heads/main') ?? '').files ?? new Map();
      return [...files].map(([path, text]) => [`${project}/${path}`, linesOf(text)]);
    }),
  );
}

/** Without the numbers of runs, each once. */
const linesOf = (text: string): string[] =>
  [...new Set(text.replaceAll(/, run \d+, \d+/g, '').split('\n'))].sort();

const endOf = (run: Simulation): string => {
  const journal = run.history.findLast(({ kind }) => kind === 'journal');
  return journal?.kind === 'journal' ? journal.lines.join('\n') : '';
};

async function passed(plan: Plan): Promise<Simulation> {
  const run = await runPlan(plan);
  expect(run.violations.map(violationWords)).toEqual([]);
  expect(endOf(run)).toContain('"type":"group_completed"');
  return run;
}

/** Every point takes half a minute of processor time: `POINTS=all`. */
const EACH = process.env.POINTS === 'all' ? 1 : 11;
const MOST = 1_000;

test('a group that is killed around a step of git, at any point, delivers the same', {
  timeout: 240_000,
}, async () => {
  const whole = await passed(PLAN);
  const expected = delivered(whole);
  expect(endOf(whole)).toContain('"type":"session_conflict"');
  let last = 0;
  for (let nth = 1; nth < MOST; nth += EACH) {
    const run = await passed(dying(nth));
    if (!run.history.some(({ kind }) => kind === 'process.crashed')) break;
    last = nth;
    expect(delivered(run), `killed at point ${nth}`).toEqual(expected);
  }
  expect(last).toBeGreaterThan(100);
});
