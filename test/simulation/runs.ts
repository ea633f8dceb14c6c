import { createJudge } from './oracle/judge.ts';
import type { Plan } from './plan/plan.ts';
import { shrink } from './plan/shrink.ts';
import { Simulation } from './world/simulation.ts';

/** Runs a plan under the oracle's eyes. */
export const runPlan = (plan: Plan): Promise<Simulation> => new Simulation(plan, createJudge()).run();

/** The smallest plan found that breaks the same rule first. */
export function shrunk({ plan, violations }: Simulation): Promise<Plan> {
  const [first] = violations;
  return shrink(plan, async smaller => (await runPlan(smaller)).violations[0]?.rule === first?.rule);
}
