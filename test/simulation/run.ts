import { command, numberOf, UsageError } from './command.ts';
import { ALL_MUTANTS } from './mutants/all.ts';
import { readPlan } from './plan/kept-plan.ts';
import { makePlan } from './plan/make-plan.ts';
import { LARGEST_SEED } from './random.ts';
import { report, violationWords } from './report.ts';
import { findMutant, runPlan, shrunk } from './runs.ts';
import { interception, type Simulation } from './world/simulation.ts';

const USAGE = `usage: npm run simulate -- [OPTIONS]
  --seeds N      so many seeds (default: 100)
  --from N       the first of them (default: 1)
  --seed N       this one
  --plan FILE    a plan that was kept
  --keep-going   go on after a seed that fails, and shrink none
  --raw          do not shrink; with --seed or --plan, print the history of one that passes
  --mutants      whether the planted faults are found, each by its own seed or by one of so many
  --only TEXT    those whose names contain it`;

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const began = process.cpuUsage();
const seconds = (): number => {
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1e6;
};

await command(
  USAGE,
  {
    seeds: { type: 'string' },
    from: { type: 'string' },
    seed: { type: 'string' },
    plan: { type: 'string' },
    'keep-going': { type: 'boolean', default: false },
    raw: { type: 'boolean', default: false },
    mutants: { type: 'boolean', default: false },
    only: { type: 'string' },
  },
  async ({ seeds, from, seed, plan, raw, mutants, only, 'keep-going': keepGoing }) => {
    const ways = [seeds ?? from, seed, plan].filter(way => way !== undefined);
    if (ways.length > 1) throw new UsageError('--seed, --plan, and --seeds or --from exclude each other');
    if (only !== undefined && !mutants) throw new UsageError('--only is for --mutants');
    if (mutants && (seed ?? plan) !== undefined) throw new UsageError('--mutants tries many seeds');
    const first = numberOf('from', from ?? '1', { most: LARGEST_SEED });
    const count = numberOf('seeds', seeds ?? '100', { least: 1, most: LARGEST_SEED - first + 1 });
    interception.install();
    if (mutants) return findMutants(first, count, only);
    if (plan !== undefined) return runOne(await runPlan(planAt(plan)), plan, raw);
    if (seed === undefined) return runSeeds(first, count, { keepGoing, raw });
    const number = numberOf('seed', seed, { most: LARGEST_SEED });
    return runOne(await runPlan(makePlan(number)), `seed ${number}`, raw);
  },
);

function planAt(path: string) {
  try {
    return readPlan(path);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

async function runOne(run: Simulation, name: string, raw: boolean): Promise<number> {
  if (run.violations.length > 0) {
    await tell(run, name, raw);
    return 1;
  }
  if (raw) say(report(run.plan, run.history, []));
  say(`${name} passes after ${run.step} steps`);
  return 0;
}

async function runSeeds(
  first: number,
  count: number,
  { keepGoing, raw }: { readonly keepGoing: boolean; readonly raw: boolean },
): Promise<number> {
  const failed: number[] = [];
  let done = 0;
  let steps = 0;
  const rate = (): string =>
    `${(done / seconds()).toFixed(1)} seeds per second of processor time, ${Math.round(steps / done)} steps each`;
  while (done < count && (keepGoing || failed.length === 0)) {
    const seed = first + done;
    const run = await runPlan(makePlan(seed));
    done += 1;
    steps += run.step;
    if (done % 100 === 0) say(`${done} seeds, ${failed.length} fail, ${rate()}`);
    if (run.violations.length === 0) continue;
    failed.push(seed);
    if (keepGoing) say(failure(run, `seed ${seed}`));
    else await tell(run, `seed ${seed}`, raw);
  }
  const which = failed.length > 0 ? `: ${failed.join(', ')}` : '';
  say(`${failed.length} of ${done} seeds fail${which}; ${rate()}`);
  return failed.length > 0 ? 1 : 0;
}

async function findMutants(first: number, count: number, only = ''): Promise<number> {
  const mutants = ALL_MUTANTS.filter(({ name }) => name.includes(only));
  if (mutants.length === 0) throw new UsageError(`no planted fault has ${JSON.stringify(only)} in its name`);
  let missed = 0;
  for (const mutant of mutants) {
    const found = await findMutant(mutant, first, count);
    if (found === undefined) missed += 1;
    say(`${mutant.name}: ${found ? `seed ${found.seed}, ${violationWords(found.violation)}` : 'NOT FOUND'}`);
  }
  say(`${missed} of ${mutants.length} planted faults are not found; ${seconds().toFixed(0)} s`);
  return missed > 0 ? 1 : 0;
}

function failure({ violations }: Simulation, name: string): string {
  return `${name} fails:\n  ${violations.map(violationWords).join('\n  ')}`;
}

/** What fails, its shortest history, and how to keep it. */
async function tell(run: Simulation, name: string, raw: boolean): Promise<void> {
  say(failure(run, name));
  const plan = raw ? run.plan : await shrunk(run);
  const again = await runPlan(plan);
  say(report(plan, again.history, again.violations));
  if (raw) return;
  const how = 'test/simulation/regressions/NAME.json; npm run simulate -- --plan FILE runs it';
  say(`\nto keep it as ${how}:\n${JSON.stringify(plan)}`);
}
