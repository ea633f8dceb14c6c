import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { type AnyActorRef, createActor } from 'xstate';
import { groupMachine } from '../machines/group.machine.ts';
import { sessionMachine } from '../machines/session.machine.ts';
import { createSessionGroup } from '../src/sdk/group/api/create.ts';
import { buildGraph } from '../src/sdk/group/dependency-graph.ts';
import { QuotaGate } from '../src/sdk/group/schedule/quota-gate.ts';
import { Roster } from '../src/sdk/group/schedule/roster.ts';
import { memoryProjectGate } from '../src/sdk/project/project-gate.ts';
import { SimulatedClock } from '../src/sdk/simulated-clock.ts';
import { definitionOf, flushed, scripted } from '../test/support/bench.ts';
import { PuppetAgent } from '../test/support/puppet-agent.ts';
import { needs, plain } from '../test/support/random-dag.ts';
import { UNLIMITED } from '../test/support/roster-model.ts';
import { sessionInput } from '../test/support/session-chart.ts';

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

/** What a scheduler must do at least: count edges, keep a queue, hold `limit` slots. */
function byHand(limit: number): number {
  const dependents: number[][] = edges.map(() => []);
  edges.forEach((needed, index) => {
    for (const id of needed) dependents[Number(id.slice(1))]?.push(index);
  });
  return cpu(() => {
    const open = edges.map(needed => needed.length);
    const ready = open.flatMap((left, index) => (left === 0 ? [index] : []));
    const live: number[] = [];
    for (let at = 0; at < ready.length || live.length > 0; ) {
      while (live.length < limit && at < ready.length) live.push(ready[at++] ?? 0);
      for (const next of dependents[live.shift() ?? 0] ?? []) {
        open[next] = (open[next] ?? 0) - 1;
        if (open[next] === 0) ready.push(next);
      }
    }
  });
}

const noop = () => {};

function bareCharts(limit: number): number {
  const atWork: AnyActorRef[] = [];
  const does = (names: readonly string[]) => Object.fromEntries(names.map(name => [name, noop]));
  const session = sessionMachine.provide({
    actions: {
      ...does(['show', 'announceRetry', 'announceLimit', 'requestNoted', 'requestForgotten']),
      startAttempt: ({ self }) => {
        atWork.push(self);
      },
    },
  });
  const group = groupMachine.provide({
    actors: { session },
    actions: does(['bind', 'journal', 'journalNotes', 'accept', 'refuse']),
  });
  const roster = new Roster({
    graph: buildGraph(sessions),
    concurrency: { maxConcurrent: limit, maxPerProject: 1, pauseOnError: true, errorThreshold: 1 },
    budget: UNLIMITED,
    quota: { closedUntil: undefined, tooLong: false },
    gates: { enterProject: () => true, leaveProject: noop, isAccountOpen: () => true },
    projectOf: id => id,
    inputOf: id => sessionInput({ id }),
    now: () => 0,
  });
  return cpu(() => {
    const actor = createActor(group, { input: { roster } }).start();
    actor.send({ type: 'run' });
    for (let next = atWork.shift(); next; next = atWork.shift())
      next.send({ type: 'agent.done', denials: 0 });
    if (roster.unsettled > 0) throw new Error(`${roster.unsettled} sessions are left`);
    actor.stop();
  });
}

async function product(limit: number): Promise<number> {
  const clock = new SimulatedClock();
  const puppets = new PuppetAgent();
  const definition = definitionOf(
    edges.map((needed, index) => scripted(`s${index}`, [], { project: 0, dependsOn: needs(...needed) })),
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
    for (let ends = puppets.live.length; ends > 0; ends--) puppets.ends('done');
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
