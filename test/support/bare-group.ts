import { createActor, fromPromise, type InspectionEvent } from 'xstate';
import type { SessionMachineEvent } from '../../machines/contract.ts';
import { groupMachine } from '../../machines/group.machine.ts';
import { sessionMachine } from '../../machines/session.machine.ts';
import { buildGraph } from '../../src/sdk/group/dependency-graph.ts';
import { Roster } from '../../src/sdk/group/schedule/roster.ts';
import type { RosterRecord } from '../../src/sdk/group/schedule/roster-spec.ts';
import type { ScheduleNote } from '../../src/sdk/group/schedule/schedule-note.ts';
import type { DagSession } from './random-dag.ts';

/** No budget: the roster only passes it on. */
export const UNLIMITED = {
  usedMicroUsd: 0,
  limitMicroUsd: Number.POSITIVE_INFINITY,
  warnAtMicroUsd: Number.POSITIVE_INFINITY,
  action: 'pause',
  setLimit: () => {},
} as const;

const NO_RETRY = {
  maximumAttempts: 1,
  initialInterval: 0,
  backoffCoefficient: 1,
  maximumInterval: 0,
  nonRetryableErrorTypes: [],
};

export interface BareGroupOptions {
  readonly sessions: readonly DagSession[];
  readonly maxConcurrent: number;
  /** What a journal left of a group that ran when its engine died. Default: a new group. */
  readonly restored?: Partial<RosterRecord>;
  readonly inspect?: (event: InspectionEvent) => void;
}

/** The real charts over a real roster. Their host does nothing: an attempt that has started waits to be ended. */
export function bareGroup({ sessions, maxConcurrent, restored, inspect }: BareGroupOptions) {
  const nothing = () => {};
  const started: { readonly id: string; send(event: SessionMachineEvent): void }[] = [];
  const notes: ScheduleNote[] = [];
  const roster = new Roster({
    graph: buildGraph(sessions),
    concurrency: { maxConcurrent, maxPerProject: 1, pauseOnError: true, errorThreshold: 1_000_000 },
    budget: UNLIMITED,
    quota: { closedUntil: undefined, tooLong: false },
    gates: { enterProject: () => true, leaveProject: nothing, isAccountOpen: () => true },
    projectOf: id => id,
    inputOf: id => ({
      ...{ id, attempts: 0, failures: 0, retry: NO_RETRY, prepared: true, failOnDenial: true },
      port: { now: () => 0, limitDeadline: () => 0 },
    }),
    now: () => 0,
    ...(restored ? { restored: 'running' } : {}),
  });
  if (restored) {
    roster.restore({ settled: new Map(), inPlay: new Map(), errors: 0, reason: undefined, ...restored });
  }
  const session = sessionMachine.provide({
    actors: { prepare: fromPromise(async () => {}) },
    actions: {
      startAttempt: ({ context, self }) => {
        started.push({ id: context.id, send: event => self.send(event) });
      },
      ask: nothing,
      terminate: nothing,
      kill: nothing,
      answer: nothing,
      show: nothing,
      announceRetry: nothing,
      announceLimit: nothing,
      requestNoted: nothing,
      requestForgotten: nothing,
    },
  });
  const machine = groupMachine.provide({
    actors: { session },
    actions: {
      bind: nothing,
      journal: nothing,
      journalNotes: () => notes.push(...roster.takeNotes()),
      journalPausedSessions: nothing,
      takeOver: nothing,
      accept: nothing,
      refuse: nothing,
    },
  });
  const actor = createActor(machine, { input: { roster }, ...(inspect ? { inspect } : {}) }).start();
  return { actor, roster, started, notes };
}
