import { createActor, fromPromise, setup } from 'xstate';
import type { GroupMachineEvent, SessionInput, SessionMachineEvent } from '../../machines/contract.ts';
import { sessionMachine } from '../../machines/session.machine.ts';
import { SimulatedClock } from '../../src/sdk/simulated-clock.ts';
import { leafOf } from './state-of.ts';

export const START = Date.UTC(2026, 0, 1);

export const sessionInput = (changes: Partial<SessionInput> = {}): SessionInput => ({
  id: 's',
  attempts: 0,
  failures: 0,
  retry: {
    maximumAttempts: 3,
    initialInterval: 5_000,
    backoffCoefficient: 2,
    maximumInterval: 60_000,
    nonRetryableErrorTypes: [],
  },
  prepared: true,
  failOnDenial: true,
  ownLogin: false,
  port: { now: () => START, limitDeadline: (_id, until) => until ?? START + 60_000 },
  ...changes,
});

export type Happening = SessionMachineEvent | 'grace' | 'deadline' | 'prepared' | 'unprepared';

/** A session's chart alone, with a parent that listens and a host that only records. */
export function sessionChart(changes: Partial<SessionInput> = {}) {
  const clock = new SimulatedClock(START);
  const log: string[] = [];
  const note = (name: string) => () => {
    log.push(name);
  };
  let settlePreparation: { done: () => void; failed: (error: Error) => void } | undefined;
  const machine = sessionMachine.provide({
    actors: {
      prepare: fromPromise<void, { id: string }>(
        () =>
          new Promise<void>((done, failed) => {
            settlePreparation = { done, failed };
          }),
      ),
    },
    actions: {
      startAttempt: note('startAttempt'),
      adoptAttempt: note('adoptAttempt'),
      ask: note('ask'),
      terminate: note('terminate'),
      kill: note('kill'),
      answer: note('answer'),
      show: (_, { status }) => {
        log.push(`show ${status}`);
      },
      announceRetry: note('announceRetry'),
      announceLimit: note('announceLimit'),
      announceUnavailable: note('announceUnavailable'),
      announceBlocked: note('announceBlocked'),
      announceGoingOn: note('announceGoingOn'),
      handMessages: note('handMessages'),
      startStep: (_, { step }) => {
        log.push(`step ${step}`);
      },
      cutOff: note('cutOff'),
      requestNoted: note('requestNoted'),
      requestForgotten: note('requestForgotten'),
    },
  });
  const parent = setup({
    types: { events: {} as GroupMachineEvent },
    actors: { session: machine },
    actions: {
      heard: ({ event }) => {
        const detail = 'outcome' in event ? event.outcome : 'reason' in event ? event.reason : '';
        log.push(`${event.type} ${detail ?? ''}`.trim());
      },
    },
  }).createMachine({
    invoke: {
      src: 'session',
      id: 's',
      input: sessionInput({ ...changes, port: { ...sessionInput().port, now: () => clock.now() } }),
    },
    on: { '*': { actions: 'heard' } },
  });
  const actor = createActor(parent, {
    clock: {
      setTimeout: (fn, ms) => clock.setTimeout(fn, ms),
      clearTimeout: timer => clock.clearTimeout(timer),
    },
  }).start();
  const child = () => {
    const session = actor.getSnapshot().children.s;
    if (!session) throw new Error('the session has no actor');
    return session;
  };
  return {
    clock,
    log,
    get state() {
      return leafOf(child().getSnapshot().value);
    },
    get context() {
      return child().getSnapshot().context;
    },
    async happens(what: Happening): Promise<void> {
      if (typeof what !== 'string') child().send(what);
      else if (what === 'prepared') settlePreparation?.done();
      else if (what === 'unprepared') settlePreparation?.failed(new Error('no such variable'));
      else clock.step();
      for (let turns = 0; turns < 5; turns++) await Promise.resolve();
    },
  };
}
