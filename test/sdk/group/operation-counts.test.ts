// @module-tag long
import * as v8 from 'node:v8';
import { beforeAll, expect, test } from 'vitest';
import type { InspectionEvent } from 'xstate';
import { createSessionGroup } from '../../../src/sdk/group/api/create.ts';
import { memoryProjectGate } from '../../../src/sdk/project/project-gate.ts';
import type { Agent } from '../../../src/sdk/session/agent.ts';
import { SimulatedClock } from '../../../src/sdk/simulated-clock.ts';
import { projectPath } from '../../support/bench.ts';
import { faultyStore } from '../../support/faulty-store.ts';

/*
 * What a session costs must not depend on how many others there are. Time is measured by `npm run bench`; this counts the
 * operations, which are the same on every machine.
 */

/** What a whole group took; `kept` is what is left of it in memory once it has settled. */
interface Counts {
  events: number;
  chartEvents: number;
  microsteps: number;
  snapshots: number;
  actions: number;
  actors: number;
  records: number;
  bytes: number;
  timers: number;
  kept: number;
}

const CHART_COUNTS: Partial<Record<InspectionEvent['type'], keyof Counts>> = {
  '@xstate.event': 'chartEvents',
  '@xstate.microstep': 'microsteps',
  '@xstate.snapshot': 'snapshots',
  '@xstate.action': 'actions',
  '@xstate.actor': 'actors',
};

/** Its work is done in the next turn of the event loop. */
const brief: Agent = {
  kind: 'brief',
  capabilities: { resume: false, usage: 'none', spends: false, approvals: false },
  check: async () => ({ ok: true, version: '1', warnings: [] }),
  start({ conversation }, emit) {
    setImmediate(() => {
      emit({ type: 'started', conversationId: conversation.id });
      emit({ type: 'ended', end: { outcome: 'done', result: 'done', denials: [] } });
    });
    return { interrupt() {}, terminate() {}, kill() {}, answerPermission() {} };
  },
};

class CountingClock extends SimulatedClock {
  timers = 0;
  override setTimeout(fn: () => void, delayMs: number): unknown {
    this.timers++;
    return super.setTimeout(fn, delayMs);
  }
}

/** In layers of ten, each session after two of the layer before, so that a session has as many edges in every size. */
const layered = (sessions: number) =>
  Array.from({ length: sessions }, (_, index) => ({
    ...{ id: `s${index}`, projectPath: projectPath(0), prompt: 'go' },
    dependsOn:
      index < 10 ? [] : [`s${index - 10}`, `s${10 * Math.floor(index / 10) - 10 + ((index + 1) % 10)}`],
  }));

const objects = () => v8.queryObjects(Object, { format: 'count' });

async function countsOf(sessions: number): Promise<Counts> {
  const clock = new CountingClock();
  const counts = { events: 0, chartEvents: 0, microsteps: 0, snapshots: 0, actions: 0, actors: 0 };
  const written = { records: 0, bytes: 0 };
  const store = faultyStore(record => {
    written.records++;
    written.bytes += JSON.stringify(record).length;
  });
  const definition = {
    ...{ version: 1 as const, name: 'Counts' },
    config: { agent: { kind: 'brief' as const }, concurrency: { maxConcurrent: 8, maxPerProject: 8 } },
    sessions: layered(sessions),
  };
  const group = await createSessionGroup(definition, {
    ...{ agents: { brief }, clock, store, env: {}, projects: memoryProjectGate() },
    inspect({ type }) {
      const name = CHART_COUNTS[type];
      if (name && name in counts) counts[name as keyof typeof counts]++;
    },
  });
  const before = objects();
  group.events$.subscribe(() => {
    counts.events++;
  });
  expect(await group.run()).toMatchObject({ status: 'completed' });
  const kept = objects() - before;
  await group.dispose();
  return { ...counts, ...written, timers: clock.timers, kept };
}

const SMALL = 100;
const LARGE = 10_000;
const measured = {} as { small: Counts; double: Counts; large: Counts };

beforeAll(async () => {
  await countsOf(SMALL); // what is made once for all groups is made here
  measured.small = await countsOf(SMALL);
  measured.double = await countsOf(2 * SMALL);
  measured.large = await countsOf(LARGE);
}, 300_000);

/** No more than these for a session. Explain a raise in the commit that makes it. */
const MOST: Counts = {
  ...{ events: 5, chartEvents: 3, microsteps: 6, snapshots: 4, actions: 7, actors: 1 },
  ...{ records: 6, bytes: 1_000, timers: 1, kept: 22 },
};

test.each(Object.entries(MOST))(
  'a session takes as many %s in a group of 10,000 as in one of 100',
  (key, most) => {
    const name = key as keyof Counts;
    const { small, double, large } = measured;
    // A group of any size takes some by itself: the difference of two groups is what their sessions take.
    const inSmall = (double[name] - small[name]) / SMALL;
    const inLarge = (large[name] - double[name]) / (LARGE - 2 * SMALL);
    expect(inLarge).toBeGreaterThan(inSmall * 0.95 - 0.01);
    expect(inLarge).toBeLessThan(inSmall * 1.05 + 0.01);
    expect(inLarge).toBeLessThanOrEqual(most + 0.01);
  },
);
