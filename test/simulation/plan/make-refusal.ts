import type { Random } from '../random.ts';
import type { Plan, PlannedRun, PlannedSession } from './plan.ts';

/** When the user commits: the trees are made by then, and what the sessions do is not yet merged. */
const COMMITS_MS = 30_000;

/**
 * Two sessions in two repositories, and what the user does in one of them conflicts with what was merged there: in few
 * plans, that comes together.
 */
export function withRefusal(random: Random, plan: Plan): Plan {
  const { delivery } = plan.definition;
  if (!delivery || !plan.delivery || !random.chance(0.1)) return plan;
  const repositories = ['p0', 'p1'] as const;
  const session = (repository: string, index: number): PlannedSession => ({
    ...{ id: `s${index}`, project: `s${index}`, repository, dependsOn: [], trigger: 'all' },
    ...{ priority: 0, allowFailure: false, resumes: true },
  });
  const sessions = repositories.map(session);
  const { limitMicroUsd: _, ...unlimited } = plan.definition;
  const { neighbour: __, ...alone } = plan;
  const where = random.pick(repositories);
  const isCut = random.chance(0.3);
  return {
    ...alone,
    definition: {
      ...unlimited,
      ...{ maxConcurrent: 2, idleMs: 600_000, attemptMs: 7_200_000, sessions },
      delivery: { ...delivery, trees: true, setup: false, integrate: 'merge', into: 'main' },
    },
    runs: Object.fromEntries(sessions.map(({ id }) => [id, [WRITING]])),
    actions: plan.actions.slice(0, 1),
    faults: [
      ...(isCut ? plan.faults.filter(({ kind }) => kind === 'crash in a step') : []),
      { kind: 'user', at: COMMITS_MS, does: 'commits in conflict', where },
    ],
    delivery: { ...plan.delivery, checks: {} },
  };
}

const WRITING: PlannedRun = {
  ...{ startMs: 0, ignores: 0, stopMs: 0, scope: 'process', end: { is: 'done' } },
  steps: [{ after: 2 * COMMITS_MS, does: 'write', path: 'a.txt' }],
};
