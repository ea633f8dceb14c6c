import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { cpuOf, median } from '../measure.mjs';
import { createSessionGroup, memoryProjectGate, product } from '../product.mjs';
import { FLEET_AGENTS, moment } from './agents.mjs';
import { Fleet } from './fleet.mjs';

const TOLD = fileURLToPath(new URL('told-agent.mjs', import.meta.url));
/** Sessions of a group that comes first, so that what is measured is compiled. */
const WARM_UP = 1_000;

const nearly = values => [...values].sort((a, b) => a - b)[Math.floor(0.95 * (values.length - 1))];

/** Here, or with the workers of an executor. `chain`: one session after the other. */
function groupOf(
  { sessions, limit = 64, agent = { kind: 'no-op' }, chain = false, prompt = 'Work' },
  executor,
) {
  const definition = {
    ...{ version: 1, name: 'Fleet' },
    config: {
      agent,
      sessionDefaults: { generateClaudeMd: false },
      concurrency: { maxConcurrent: limit, maxPerProject: limit },
    },
    sessions: Array.from({ length: sessions }, (_, i) => ({
      ...{ id: `s${i}`, projectPath: tmpdir(), prompt },
      dependsOn: chain && i > 0 ? [`s${i - 1}`] : [],
    })),
  };
  return createSessionGroup(definition, {
    ...{ agents: FLEET_AGENTS, projects: memoryProjectGate(), env: {} },
    ...(executor && { executor }),
  });
}

async function toItsEnd(group) {
  const { status } = await group.run();
  if (status !== 'completed') throw new Error(`the group is ${status}`);
}

/** CPU of this process for a session that does nothing, in microseconds. */
async function noOps(options, executor) {
  const group = await groupOf(options, executor);
  const { us, mainUs } = await cpuOf(() => toItsEnd(group));
  await group.dispose();
  return { us: us / options.sessions, mainUs: mainUs / options.sessions };
}

/** @param run gets the fleet, and an executor of it. */
async function inFleet(run) {
  const { redisExecutor } = await product('bullmq.js');
  const fleet = await Fleet.begin();
  try {
    return await run(fleet, redisExecutor({ redis: fleet.address }));
  } finally {
    await fleet.close();
  }
}

/** Figures of a session. */
async function throughFleet(fleet, executor, { sessions, limit }) {
  await noOps({ sessions: Math.min(WARM_UP, sessions), limit }, executor);
  const before = await fleet.used();
  const own = await noOps({ sessions, limit }, executor);
  const after = await fleet.used();
  const each = key => (after[key] - before[key]) / sessions;
  const [redisUs, workersUs] = [each('redisUs'), each('workersUs')];
  return { ...own, redisUs, workersUs, commands: each('commands'), redisKb: 1_024 * each('redisMb') };
}

/** Of a second in which nothing happens. */
async function idleSecond(fleet, seconds) {
  const before = await fleet.used();
  const start = performance.now();
  await pause(1_000 * seconds);
  const after = await fleet.used();
  const took = (performance.now() - start) / 1_000;
  const each = key => (after[key] - before[key]) / took;
  return { commands: each('commands'), redisUs: each('redisUs'), workersUs: each('workersUs') };
}

/** Resolves once so many messages have that text. */
const said = (group, text, count) =>
  new Promise(resolve => {
    let left = count;
    const subscription = group.events$.subscribe(event => {
      if (event.type !== 'session_message' || event.text.trim() !== text) return;
      left -= 1;
      if (left > 0) return;
      subscription.unsubscribe();
      resolve();
    });
  });

async function locally({ sessions, limit }) {
  await noOps({ sessions: Math.min(WARM_UP, sessions), limit });
  return noOps({ sessions, limit });
}

const overFleet = ({ sessions, limit, serving }) =>
  inFleet(async (fleet, executor) => {
    await fleet.serve(serving);
    return throughFleet(fleet, executor, { sessions, limit });
  });

/** Many workers, of which most wait. */
const overMany = ({ sessions, limit, serving, seconds }) =>
  inFleet(async (fleet, executor) => {
    await fleet.serve(serving);
    const idle = await idleSecond(fleet, seconds);
    const { connections } = await fleet.used();
    const figures = await throughFleet(fleet, executor, { sessions, limit });
    return {
      ...figures,
      connections,
      idleCommands: idle.commands,
      idleRedisUs: idle.redisUs,
      idleWorkersUs: idle.workersUs,
    };
  });

/** From the group's order to the worker's start of it, one after the other. */
const dispatch = ({ sessions }) =>
  inFleet(async (fleet, executor) => {
    await fleet.serve({ concurrency: 1 });
    const ordered = new Map();
    const watched = given => {
      const made = executor(given);
      const open = made.open.bind(made);
      return Object.assign(made, {
        open(order, sink) {
          ordered.set(order.sessionId, moment());
          return open(order, sink);
        },
      });
    };
    const group = await groupOf({ sessions, limit: 1, chain: true }, watched);
    await toItsEnd(group);
    const results = group.getResult().sessions;
    const took = [...ordered].map(([id, at]) => Number(results[id].result) - at);
    await group.dispose();
    return { p50Ms: median(took), p95Ms: nearly(took) };
  });

/** From the call of `pause` to the SIGTERM at the agents, which are processes. */
const pausing = ({ cycles, agents }) =>
  inFleet(async (fleet, executor) => {
    await fleet.serve({ concurrency: agents });
    const folder = mkdtempSync(join(tmpdir(), 'bench-'));
    const file = join(folder, 'told');
    const agent = { kind: 'command', command: [process.execPath, TOLD, file], output: 'text' };
    const group = await groupOf({ sessions: agents, limit: agents, agent }, executor);
    const took = [];
    for (let cycle = 0; cycle < cycles; cycle++) {
      const up = said(group, 'up', agents);
      const running = cycle === 0 ? group.run() : group.resume();
      await up;
      const asked = moment();
      await group.pause();
      await running;
      const told = readFileSync(file, 'utf8')
        .trimEnd()
        .split('\n')
        .slice(cycle * agents);
      if (told.length !== agents) throw new Error(`${told.length} of ${agents} agents were told`);
      took.push(...told.map(at => Number(at) - asked));
    }
    await group.dispose();
    rmSync(folder, { recursive: true });
    return { p50Ms: median(took), p95Ms: nearly(took), mostMs: Math.max(...took) };
  });

/** Messages of agents that say more than anybody can read, until the group's subscriber has them. */
const flooding = ({ events, agents }) =>
  inFleet(async (fleet, executor) => {
    await fleet.serve({ concurrency: agents });
    const each = Math.ceil(events / agents);
    const flood = { sessions: agents, limit: agents, agent: { kind: 'flood' }, prompt: String(each) };
    const group = await groupOf(flood, executor);
    let [heard, first, last] = [0, 0, 0];
    group.events$.subscribe(({ type }) => {
      if (type !== 'session_message') return;
      last = performance.now();
      first ||= last;
      heard += 1;
    });
    const { us } = await cpuOf(() => toItsEnd(group));
    await group.dispose();
    if (heard !== each * agents) throw new Error(`${heard} of ${each * agents} messages were heard`);
    return { perSecond: (1_000 * heard) / (last - first), us: us / heard };
  });

/** What a group costs Redis that waits, and a worker that has nothing to do. */
const idling = ({ serving, seconds }) =>
  inFleet(async (fleet, executor) => {
    const none = await fleet.used();
    const group = await groupOf({ sessions: 1 }, executor);
    const running = group.run();
    await pause(1_000);
    const waiting = await fleet.used();
    const { commands: groupCommands } = await idleSecond(fleet, seconds);
    await group.pause();
    await running;
    await group.dispose();
    await pause(1_000);
    const before = await fleet.used();
    await fleet.serve(serving);
    const after = await fleet.used();
    const { commands } = await idleSecond(fleet, seconds);
    const each = key => (after[key] - before[key]) / serving.workers;
    return {
      ...{ groupConnections: waiting.connections - none.connections, groupCommands },
      ...{ workerConnections: each('connections'), workerCommands: commands / serving.workers },
      ...{ workerRedisKb: 1_024 * each('redisMb'), processMb: after.workerMb },
    };
  });

export const MEASURES = { locally, overFleet, overMany, dispatch, pausing, flooding, idling };
