import { type AnyActorRef, createActor, type InspectionEvent } from 'xstate';
import { groupMachine } from '../../machines/group.machine.ts';
import { sessionMachine } from '../../machines/session.machine.ts';
import { buildGraph } from '../../src/sdk/group/dependency-graph.ts';
import { Roster } from '../../src/sdk/group/schedule/roster.ts';
import type { ScheduleNote } from '../../src/sdk/group/schedule/schedule-entry.ts';
import type { DagSession } from './random-dag.ts';
import { sessionInput } from './session-chart.ts';

/** No budget: the roster only passes it on. */
export const UNLIMITED = {
  usedMicroUsd: 0,
  limitMicroUsd: Number.POSITIVE_INFINITY,
  warnAtMicroUsd: Number.POSITIVE_INFINITY,
  action: 'pause',
  setLimit: () => {},
} as const;

const nothing = () => {};
const none = (names: readonly string[]) => Object.fromEntries(names.map(name => [name, nothing]));

/** The real charts over a real roster, and a host that does nothing: an attempt that has started waits to be ended. */
export function bareGroup(
  sessions: readonly DagSession[],
  maxConcurrent: number,
  inspect?: (event: InspectionEvent) => void,
) {
  const started: AnyActorRef[] = [];
  const notes: ScheduleNote[] = [];
  const roster = new Roster({
    graph: buildGraph(sessions),
    concurrency: { maxConcurrent, maxPerProject: 1, pauseOnError: true, errorThreshold: sessions.length },
    budget: UNLIMITED,
    quota: { closedUntil: undefined, tooLong: false },
    gates: { enterProject: () => true, leaveProject: nothing, isAccountOpen: () => true },
    projectOf: id => id,
    inputOf: id => sessionInput({ id }),
    now: () => 0,
  });
  const session = sessionMachine.provide({
    actions: {
      ...none(['show', 'announceRetry', 'announceLimit', 'requestNoted', 'requestForgotten']),
      startAttempt: ({ self }) => {
        started.push(self);
      },
    },
  });
  const machine = groupMachine.provide({
    actors: { session },
    actions: {
      ...none(['bind', 'journal', 'accept', 'refuse']),
      journalNotes: () => {
        for (const note of roster.takeNotes()) notes.push(note);
      },
    },
  });
  const actor = createActor(machine, { input: { roster }, ...(inspect ? { inspect } : {}) }).start();
  return { actor, roster, started, notes };
}
