import type { Random } from '../random.ts';
import type { PlannedDefinition, PlannedSession } from './plan.ts';

const WHEN = ['completed', 'completed', 'completed', 'failed', 'settled'] as const;

/** How many sessions: mostly few, which shows most faults in the shortest history. */
const sizeOf = (random: Random): number =>
  random.weigh([
    [6, 1],
    [20, 2],
    [24, 3],
    [20, 4],
    [14, 6],
    [8, 9],
    [5, 15],
    [2, 30],
    [1, 60],
  ]);

/** A group that uses whatever a definition allows. */
export function makeDefinition(random: Random): PlannedDefinition {
  const size = sizeOf(random.of('size'));
  const projects = random.of('projects').int(1, 4);
  const sessions = Array.from({ length: size }, (_, index) =>
    makeSession(random.of('session', index), index, projects),
  );
  const at = random.of('settings');
  const limited = at.chance(0.5);
  return {
    maxConcurrent: at.int(1, 4),
    maxPerProject: at.int(1, 3),
    respectDependencies: !at.chance(0.1),
    pauseOnError: at.chance(0.5),
    errorThreshold: at.pick([1, 1, 2, 2, 3, 10]),
    ...(limited ? { limitMicroUsd: at.pick([200_000, 500_000, 1_000_000, 2_000_000, 5_000_000]) } : {}),
    onBudgetExceeded: at.pick(['pause', 'pause', 'stop', 'warn']),
    warningThreshold: at.pick([0.1, 0.5, 0.8, 1]),
    retry: {
      maximumAttempts: at.int(1, 4),
      initialInterval: at.pick([0, 1, 1_000, 5_000]),
      backoffCoefficient: at.pick([1, 2, 3]),
      maximumInterval: at.pick([1_000, 10_000, 300_000]),
      nonRetryable: at.chance(0.2) ? ['overloaded'] : [],
    },
    idleMs: at.pick([5_000, 60_000, 600_000]),
    attemptMs: at.pick([20_000, 300_000, 7_200_000]),
    maxQuotaWaitMs: at.pick([60_000, 3_600_000, 21_600_000]),
    onRequest: at.pick(['ask', 'ask', 'ask', 'deny', 'fail']),
    approvalMs: at.pick([10_000, 1_800_000]),
    sessions: shuffled(sessions, random.of('order')),
  };
}

export function makeSession(random: Random, index: number, projects: number): PlannedSession {
  const edges = new Map<number, (typeof WHEN)[number]>();
  const fan = random.weigh([
    [5, 0],
    [6, 1],
    [3, 2],
    [1, 4],
  ]);
  for (let edge = 0; edge < fan && index > 0; edge += 1) {
    edges.set(random.int(Math.max(0, index - 8), index - 1), random.pick(WHEN));
  }
  return {
    id: `s${index}`,
    project: `p${random.int(0, projects - 1)}`,
    dependsOn: [...edges].map(([upstream, when]) => ({ session: `s${upstream}`, when })),
    trigger: random.chance(0.3) ? 'any' : 'all',
    priority: random.pick([0, 0, 0, 1, -1]),
    ...(random.chance(0.4) ? { estimateMs: random.pick([1_000, 60_000, 600_000]) } : {}),
    ...(random.chance(0.1) ? { limitMicroUsd: random.pick([100_000, 500_000]) } : {}),
    allowFailure: random.chance(0.2),
    resumes: !random.chance(0.15),
  };
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  return items
    .map(item => ({ item, key: random.next() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}
