import type { PauseReason, SettledGroup } from '../../../../machines/vocabulary.ts';
import { lifecycle } from './setup.ts';

/**
 * A group's lifecycle as the specification tells it: for model-based tests with `createTestModel` of `xstate/graph`,
 * which supports no invoked actors or delays and needs an immutable context.
 *
 * LIFECYCLE-1 it shares no rule with the engine: who starts, waits, is skipped and goes first is in `oracle.ts`.
 * LIFECYCLE-2 it has the states of the shipped group chart, which listen to its events under the same names; a test
 *    compares the two, so that they can't drift apart.
 */

const refuse = (code: string) => ({ actions: { type: 'refuse' as const, params: { code } } });
const because = (reason: PauseReason) => ({ type: 'because' as const, params: { reason } });
const notNow = refuse('not_in_this_state');
const hold = [
  { guard: 'namesSession' as const, actions: ['hold' as const, 'accept' as const] },
  refuse('session_not_pausable'),
];
const release = [
  { guard: 'namesSession' as const, actions: ['release' as const, 'accept' as const] },
  refuse('session_not_paused'),
];
const send = [{ guard: 'namesSession' as const, actions: 'accept' as const }, refuse('message_refused')];
const again = { guard: 'deliveredSettled' as const, target: '#lifecycle.active.settlingAgain' as const };
const finish = [
  { guard: 'succeeded' as const, target: '#lifecycle.atRest.settled.completed' as const },
  { guard: 'allSettled' as const, target: '#lifecycle.atRest.settled.failed' as const },
];
const retryAfterTheEnd = [
  { guard: 'overBudget' as const, ...refuse('budget_exhausted') },
  {
    guard: 'limitedLong' as const,
    target: 'paused' as const,
    actions: ['reopen' as const, 'accept' as const, because('quota')],
  },
  {
    guard: 'somethingToRetry' as const,
    target: '#lifecycle.active' as const,
    actions: ['reopenAndStart' as const, 'accept' as const],
  },
  refuse('nothing_to_retry'),
];

const deliverAgain = (before: SettledGroup) => ({
  guard: 'somethingMerged' as const,
  target: '#lifecycle.active.delivering' as const,
  actions: [{ type: 'ask' as const, params: { before } }, 'accept' as const],
});

/** A group's lifecycle as a small machine without I/O, for generating test paths. */
export const lifecycleModel = lifecycle.createMachine({
  id: 'lifecycle',
  context: ({ input }) => ({
    ...input,
    standing: {},
    inPlay: [],
    turns: [],
    held: [],
    lost: [],
    errors: 0,
    grown: false,
    died: false,
    money: 'within',
    limited: undefined,
    delivered: false,
    asked: false,
    delivering: false,
    before: undefined,
    reason: undefined,
    answer: undefined,
  }),
  initial: 'created',
  on: {
    run: notNow,
    pause: notNow,
    resume: notNow,
    stop: notNow,
    retry: notNow,
    integrate: notNow,
    'session.pause': notNow,
    'session.resume': notNow,
    'session.send': notNow,
    'approval.answer': notNow,
    'definition.change': { actions: ['grow', 'accept'] },
    'session.settled': { actions: 'settle' },
    'session.yielded': { actions: 'yieldSlot' },
    'session.ready': { actions: 'goOn' },
    'session.asked': { actions: 'askPerson' },
    'budget.warning': { guard: 'isWithin', actions: 'warn' },
    'budget.change': { actions: 'raise' },
    'quota.opened': { actions: 'openAccount' },
    'journal.failed': {},
    'session.blocked': {},
    'delivery.done': { actions: 'noteDelivered' },
    'delivery.refused': { actions: 'noteDeliveryEnded' },
    'delivery.ended': { actions: 'noteDeliveryEnded' },
  },
  states: {
    created: {
      on: {
        run: { target: 'active', actions: ['start', 'accept'] },
        'session.pause': hold,
        'session.resume': release,
        'session.send': send,
      },
    },
    interrupted: {
      initial: 'running',
      states: {
        running: {
          on: {
            resume: [
              { guard: 'overBudget', ...refuse('budget_exhausted') },
              { target: '#lifecycle.active', actions: ['start', 'accept'] },
            ],
            pause: [
              {
                guard: 'deliversSettled',
                target: '#lifecycle.active.settlingAgain',
                actions: 'accept',
              },
              {
                target: '#lifecycle.atRest.paused',
                actions: ['pauseWaiting', 'accept', because('manual')],
              },
            ],
            stop: [
              {
                guard: 'deliversSettled',
                target: '#lifecycle.active.settlingAgain',
                actions: 'accept',
              },
              { target: '#lifecycle.active.stopping', actions: 'accept' },
            ],
            'session.pause': hold,
            'session.resume': release,
            'session.send': send,
            run: notNow,
            retry: notNow,
            integrate: notNow,
          },
        },
        stopping: {
          on: {
            stop: { target: '#lifecycle.active.stopping', actions: 'accept' },
            resume: { target: '#lifecycle.active.stopping', actions: 'accept' },
            run: notNow,
            retry: notNow,
            integrate: notNow,
            pause: notNow,
            'definition.change': notNow,
          },
        },
      },
    },
    active: {
      initial: 'running',
      on: {
        stop: { target: '.stopping', actions: 'accept' },
        'budget.exceeded': [
          { guard: 'exceedStops', target: '.stopping', actions: ['exceed', because('budget_exceeded')] },
          { actions: 'exceed' },
        ],
        'session.send': send,
      },
      states: {
        running: {
          always: [
            again,
            { guard: 'deliverable', target: 'delivering' },
            ...finish,
            { guard: 'tooManyErrorsPause', target: 'pausing', actions: because('error_threshold') },
            { guard: 'tooManyErrorsStop', target: 'stopping', actions: because('error_threshold') },
            { guard: 'canAdmit', actions: 'admit' },
            { guard: 'onlyHeldLeft', target: 'pausing', actions: because('sessions_paused') },
          ],
          on: {
            'engine.died': { target: '#lifecycle.interrupted.running', actions: 'lose' },
            pause: { target: 'pausing', actions: ['accept', because('manual')] },
            'budget.exceeded': {
              guard: 'exceedPauses',
              target: 'pausing',
              actions: ['exceed', because('budget_exceeded')],
            },
            'agent.unavailable': { target: 'pausing', actions: ['loseLogin', because('agent_unavailable')] },
            'quota.tooLong': { target: 'pausing', actions: ['meetLimit', because('quota')] },
            'journal.failed': { target: 'pausing', actions: because('store_failed') },
            'session.blocked': { target: 'pausing', actions: because('conflict') },
            'session.pause': hold,
            'session.resume': release,
            'approval.answer': [
              { guard: 'namesSession', actions: ['answer', 'accept'] },
              refuse('no_such_request'),
            ],
          },
        },
        delivering: {
          entry: 'deliver',
          always: [again, { guard: 'succeeded', target: '#lifecycle.atRest.settled.completed' }],
          on: {
            pause: [
              { guard: 'deliversSettled', actions: 'accept' },
              { target: 'pausing', actions: ['accept', because('manual')] },
            ],
            stop: [
              { guard: 'deliversSettled', actions: 'accept' },
              { target: 'stopping', actions: 'accept' },
            ],
            'budget.exceeded': { actions: 'exceed' },
            'journal.failed': { target: 'pausing', actions: because('store_failed') },
            'definition.change': notNow,
            'delivery.refused': [
              { guard: 'deliversSettled', actions: 'noteDeliveryEnded' },
              { target: 'pausing', actions: ['noteDeliveryEnded', because('conflict')] },
            ],
            'delivery.ended': [
              { guard: 'deliversSettled', actions: 'noteDeliveryEnded' },
              { target: 'pausing', actions: 'noteDeliveryEnded' },
            ],
          },
        },
        settlingAgain: {
          exit: 'forgetDelivery',
          always: [
            { guard: 'hadCompleted', target: '#lifecycle.atRest.settled.completed' },
            { guard: 'wasStoppedBefore', target: '#lifecycle.atRest.settled.stopped' },
            { target: '#lifecycle.atRest.settled.failed' },
          ],
        },
        pausing: {
          entry: 'pauseWaiting',
          always: [again, ...finish, { guard: 'noneLive', target: '#lifecycle.atRest.paused' }],
          on: {
            'engine.died': { target: '#lifecycle.atRest.paused', actions: ['lose', 'pauseWaiting'] },
            pause: { actions: 'accept' },
            resume: refuse('still_pausing'),
            'definition.change': refuse('still_pausing'),
          },
        },
        stopping: {
          entry: 'stopWaiting',
          always: { guard: 'noneLive', target: '#lifecycle.atRest.settled.stopped' },
          on: {
            'engine.died': { target: '#lifecycle.interrupted.stopping', actions: 'lose' },
            stop: { actions: 'accept' },
            'session.send': notNow,
            'budget.exceeded': { actions: 'exceed' },
            'definition.change': notNow,
          },
        },
      },
    },
    atRest: {
      initial: 'paused',
      on: { 'session.send': send },
      states: {
        paused: {
          on: {
            pause: refuse('already_paused'),
            stop: { target: '#lifecycle.active.stopping', actions: 'accept' },
            resume: [
              { guard: 'overBudget', ...refuse('budget_exhausted') },
              { guard: 'limitedLong', actions: ['accept', because('quota')] },
              { target: '#lifecycle.active', actions: ['start', 'accept'] },
            ],
            retry: [{ guard: 'somethingToRetry', actions: ['reopen', 'accept'] }, refuse('nothing_to_retry')],
            integrate: [
              { guard: 'unfinished', ...notNow },
              {
                guard: 'delivers',
                target: '#lifecycle.active.delivering',
                actions: [{ type: 'ask', params: { before: 'nothing' } }, 'accept'],
              },
              refuse('nothing_to_deliver'),
            ],
            'session.pause': hold,
            'session.resume': release,
          },
        },
        settled: {
          initial: 'completed',
          on: {
            'definition.change': {
              target: '#lifecycle.active.pausing',
              actions: [because('manual'), 'grow', 'accept'],
            },
            retry: retryAfterTheEnd,
            integrate: refuse('nothing_to_deliver'),
          },
          states: {
            completed: { on: { integrate: deliverAgain('completed'), retry: refuse('nothing_to_retry') } },
            failed: { on: { integrate: deliverAgain('failed') } },
            stopped: { on: { integrate: deliverAgain('stopped'), stop: refuse('already_stopped') } },
          },
        },
      },
    },
  },
});
