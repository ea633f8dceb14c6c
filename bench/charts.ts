import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { createSessionGroup } from '../src/sdk/group/api/create.ts';
import { buildGraph } from '../src/sdk/group/dependency-graph.ts';
import { QuotaGate } from '../src/sdk/group/schedule/quota-gate.ts';
import { Schedule } from '../src/sdk/group/schedule/schedule.ts';
import { memoryProjectGate } from '../src/sdk/project/project-gate.ts';
import { SimulatedClock } from '../src/sdk/simulated-clock.ts';
import { createPuppetAgent } from '../src/sdk/testing/puppet-agent.ts';
import { bareGroup } from '../test/support/bare-group.ts';
import { definitionOf, flushed, scripted } from '../test/support/bench.ts';
import { judge } from '../test/support/judge.ts';
import { needs, plain } from '../test/support/random-dag.ts';

// CPU per session of the charts alone and of the product, beside a scheduler written by hand:
// node scripts/run-ts.mjs bench/charts.ts [--sessions N]
const { values } = parseArgs({ options: { sessions: { type: 'string', default: '10000' } } });
const count = Number(values.sessions);

/** Up to three dependencies among the two hundred before; the same graph in every run. */
const edges = Array.from({ length: count }, (_, index) => {
  const among = Math.min(index, 200);
  const picks = [index * 7_919, index * 104_729, index * 1_299_709].slice(0, index % 4);
  return [...new Set(picks.map(pick => `s${index - 1 - (pick % Math.max(1, among))}`))].filter(
    () => index > 0,
  );
});
const sessions = edges.map((needed, index) => plain(`s${index}`, { dependsOn: needs(...needed) }));

function cpu(run: () => void): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / count;
}

/** A plain loop over the same schedule: no charts, and a session is its number. */
function byHand(limit: number): number {
  const graph = buildGraph(sessions);
  const schedules = Array.from({ length: 10 }, () => new Schedule(graph)); // one is too short to be measured
  const all = cpu(() => {
    for (const schedule of schedules) runByHand(schedule, limit);
  });
  return all / schedules.length;
}

function runByHand(schedule: Schedule, limit: number): void {
  const live: number[] = [];
  const fill = () => {
    while (live.length < limit) {
      const index = schedule.take();
      if (index === undefined) return;
      schedule.started(index);
      live.push(index);
    }
  };
  fill();
  for (let index = live.shift(); index !== undefined; index = live.shift()) {
    schedule.settle(index, 'completed');
    judge(schedule);
    fill();
  }
  if (schedule.unsettled > 0) throw new Error(`${schedule.unsettled} sessions are left`);
}

function bareCharts(limit: number): number {
  const { actor, roster, started } = bareGroup(sessions, limit);
  return cpu(() => {
    actor.send({ type: 'run' });
    for (let next = started.shift(); next; next = started.shift()) {
      next.send({ type: 'agent.done', denials: 0 });
    }
    if (roster.unsettled > 0) throw new Error(`${roster.unsettled} sessions are left`);
    actor.stop();
  });
}

async function product(limit: number): Promise<number> {
  const clock = new SimulatedClock();
  const puppets = createPuppetAgent({ kind: 'scripted' });
  const definition = definitionOf(
    edges.map((needed, index) =>
      scripted(`s${index}`, [], { projectNumber: 0, dependsOn: needs(...needed) }),
    ),
    { concurrency: { maxConcurrent: limit, maxPerProject: limit } },
  );
  const group = await createSessionGroup(definition, {
    ...{ clock, env: {}, projects: memoryProjectGate(), quota: new QuotaGate(clock, () => 0) },
    agents: { scripted: puppets },
  });
  const before = process.cpuUsage();
  const run = group.run();
  let isRunning = true;
  const rested = run.finally(() => {
    isRunning = false;
  });
  while (isRunning) {
    for (const attempt of puppets.live) attempt.completes('done');
    await flushed();
  }
  const { status } = await rested;
  const { user, system } = process.cpuUsage(before);
  if (status !== 'completed') throw new Error(status);
  await group.dispose();
  return (user + system) / count;
}

const start = performance.now();
byHand(8);
bareCharts(8);
for (const limit of [8, 64]) {
  const floor = byHand(limit);
  const charts = bareCharts(limit);
  const whole = await product(limit);
  const us = (value: number) => `${value.toFixed(1)} us`;
  process.stdout.write(
    `${count} sessions, limit ${limit}: by hand ${us(floor)}, charts ${us(charts)} (${(charts / floor).toFixed(0)}x), ` +
      `product ${us(whole)} (${(whole / floor).toFixed(0)}x)\n`,
  );
}
process.stdout.write(`${((performance.now() - start) / 1_000).toFixed(1)} s in all\n`);
