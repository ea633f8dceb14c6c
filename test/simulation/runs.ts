import { type Mutant, planting } from './mutants/mutant.ts';
import { createJudge } from './oracle/judge.ts';
import { makePlan } from './plan/make-plan.ts';
import type { Plan } from './plan/plan.ts';
import { shrink } from './plan/shrink.ts';
import { Simulation } from './world/simulation.ts';

/** Runs a plan under the oracle's eyes. */
export async function runPlan(plan: Plan, mutant?: Mutant): Promise<Simulation> {
  const mend = mutant?.patch?.();
  try {
    return await new Simulation(plan, createJudge(), mutant && planting(mutant)).run();
  } catch (cause) {
    throw new Error(`the run of seed ${plan.seed} threw`, { cause });
  } finally {
    mend?.();
  }
}

/** A seed that finds a planted fault, and how; undefined if none does. Its own is tried first, then so many from `first` on. */
export async function findMutant(mutant: Mutant, first: number, count: number) {
  const further = Array.from({ length: count }, (_, index) => first + index);
  for (const seed of new Set([mutant.seed ?? first, ...further])) {
    const [violation] = (await runPlan(makePlan(seed), mutant)).violations;
    // What the engine without the fault is found guilty of finds nothing.
    if (violation === undefined || (await runPlan(makePlan(seed))).violations.length > 0) continue;
    return { seed, violation };
  }
  return undefined;
}

/** About half a minute. Counted in steps, so that the same seed is shrunk to the same plan. */
const MOST_STEPS = 12_000;

/** The smallest plan found that breaks the same rule first, and no later if it did so before the group came to rest. */
export function shrunk({ plan, violations, rests, step }: Simulation): Promise<Plan> {
  const [first] = violations;
  const cap = rests ? {} : { steps: step };
  let steps = 0;
  return shrink(plan, async smaller => {
    if (steps > MOST_STEPS) return false;
    const run = await runPlan({ ...smaller, ...cap });
    steps += run.step;
    return run.violations[0]?.rule === first?.rule;
  });
}
