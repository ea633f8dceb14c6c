import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Plan } from './plan.ts';

const list = z.array(z.looseObject({}));
const KeptPlan = z.looseObject({
  seed: z.number(),
  definition: z.looseObject({ sessions: list.min(1) }),
  runs: z.record(z.string(), list),
  actions: list,
  faults: list,
  heirs: list,
  person: list,
  looks: z.looseObject({}),
});

/** Reads a plan that was kept. @throws an error that names the file, if it has none. */
export function readPlan(path: string): Plan {
  try {
    return KeptPlan.parse(JSON.parse(readFileSync(path, 'utf8'))) as unknown as Plan;
  } catch (cause) {
    const why = cause instanceof z.ZodError ? z.prettifyError(cause) : (cause as Error).message;
    throw new Error(`${path} is not a plan: ${why}`, { cause });
  }
}
