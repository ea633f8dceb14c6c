import { parseArgs } from 'node:util';
import { MUTANTS } from './mutants/mutants.ts';
import { makePlan } from './plan/make-plan.ts';
import { report, violationWords } from './report.ts';
import { findMutant, runPlan, shrunk } from './runs.ts';
import { interception } from './world/simulation.ts';

/* `npm run simulate -- --seeds 1000 [--from N] [--seed N] [--keep-going] [--raw] [--mutants]` */

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '100' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    'keep-going': { type: 'boolean', default: false },
    mutants: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    raw: { type: 'boolean', default: false },
  },
});

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const first = Number(values.seed ?? values.from);
const last = values.seed === undefined ? first + Number(values.seeds) - 1 : first;
const began = process.cpuUsage();
const seconds = (): number => {
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1e6;
};

interception.install();
if (values.mutants) {
  let missed = 0;
  const mutants = MUTANTS.filter(({ name }) => name.includes(values.only));
  for (const mutant of mutants) {
    const found = await findMutant(mutant, first, Number(values.seeds));
    if (found === undefined) missed += 1;
    say(`${mutant.name}: ${found ? `seed ${found.seed}, ${violationWords(found.violation)}` : 'NOT FOUND'}`);
  }
  say(`${missed} of ${mutants.length} planted faults are not found; ${seconds().toFixed(0)} s`);
  process.exit(missed > 0 ? 1 : 0);
}
const failed: number[] = [];
let steps = 0;
for (let seed = first; seed <= last; seed += 1) {
  const run = await runPlan(makePlan(seed));
  steps += run.step;
  if (run.violations.length > 0) {
    failed.push(seed);
    say(`seed ${seed} fails:\n  ${run.violations.map(violationWords).join('\n  ')}`);
    if (!values['keep-going']) {
      const plan = values.raw ? run.plan : await shrunk(run);
      const again = await runPlan(plan);
      say(report(plan, again.history, again.violations));
      if (!values.raw) say(`\nto keep it as test/simulation/regressions/NAME.json:\n${JSON.stringify(plan)}`);
      break;
    }
  } else if (values.seed !== undefined) {
    if (values.raw) say(report(run.plan, run.history, []));
    say(`seed ${seed} passes after ${run.step} steps`);
  }
  if ((seed - first + 1) % 100 === 0) say(`${seed - first + 1} seeds, ${failed.length} fail, ${rate(seed)}`);
}
say(
  `${failed.length} of ${last - first + 1} seeds fail${failed.length > 0 ? `: ${failed.join(', ')}` : ''}; ${rate(last)}`,
);
process.exitCode = failed.length > 0 ? 1 : 0;

function rate(seed: number): string {
  const seeds = seed - first + 1;
  return `${(seeds / seconds()).toFixed(1)} seeds per second of processor time, ${Math.round(steps / seeds)} steps each`;
}
