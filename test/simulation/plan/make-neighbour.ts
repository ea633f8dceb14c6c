import type { Random } from '../random.ts';
import { makeDefinition } from './make-definition.ts';
import { makeRuns } from './make-runs.ts';
import type { Plan, PlannedNeighbour, PlannedRun } from './plan.ts';

/** Of the same manager, in one of ten plans: it shares slots and nothing else, no project and no account's limit. */
export function makeNeighbour(random: Random): Pick<Plan, 'neighbour'> {
  if (!random.chance(0.1)) return {};
  const { limitMicroUsd: _, ...settings } = makeDefinition(random.of('definition'));
  const sessions = Array.from({ length: random.int(1, 4) }, (_unused, index) => ({
    ...{ id: `x${index}`, project: `p${8 + (index % 2)}`, dependsOn: [], trigger: 'all', priority: 0 },
    ...{ allowFailure: true, resumes: true },
  })) satisfies PlannedNeighbour['definition']['sessions'];
  const runs = sessions.map(({ id }) => {
    const all = makeRuns(random.of('runs', id), { failures: 0.2, oddities: 0, rules: [] });
    return [id, all.map(quiet)] as const;
  });
  const pause = random.of('pause');
  return {
    neighbour: {
      slots: random.int(1, 3),
      definition: { ...settings, maxPerProject: 3, onRequest: 'deny', sessions },
      runs: Object.fromEntries(runs),
      startMs: random.pick([0, 0, 100, 3_000]),
      ...(pause.chance(0.3) ? { pause: { at: pause.int(0, 8_000), forMs: pause.pick([0, 5_000]) } } : {}),
    },
  };
}

/** It asks nobody, and meets no limit. */
function quiet(run: PlannedRun): PlannedRun {
  const { end, steps } = run;
  const is = end.is === 'limited' || (end.is === 'failed' && end.code !== 'agent_error') ? 'done' : end.is;
  return {
    ...run,
    steps: steps.filter(({ does }) => does !== 'ask' && does !== 'absurd'),
    end: is === 'done' ? { is } : end,
  };
}
