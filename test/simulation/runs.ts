import { createJudge } from './oracle/judge.ts';
import type { Plan } from './plan/plan.ts';
import { shrink } from './plan/shrink.ts';
import { Simulation } from './world/simulation.ts';

/** Runs a plan under the oracle's eyes. */
export const runPlan = (plan: Plan): Promise<Simulation> => new Simulation(plan, createJudge()).run();

/** The smallest plan found that breaks the same rule first, and no later if it did so before the group came to rest. */
export function shrunk({ plan, violations, rests, step }: Simulation): Promise<Plan> {
  const [first] = violations;
  const cap = rests ? {} : { steps: step };
  return shrink(plan, async smaller => {
    const [found] = (await runPlan({ ...smaller, ...cap })).violations;
    return found?.rule === first?.rule;
  });
}
