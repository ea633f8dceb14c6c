import { sessionSetup } from './session.setup.ts';

const ended = {
  'agent.done': [
    { guard: 'deniedWork', target: '#session.failed', actions: 'noteDenial' },
    { target: '#session.completed' },
  ],
  'agent.limited': { target: '#session.quotaWait', actions: ['noteLimit', 'announceLimit'] },
  'agent.failed': [
    { guard: 'retryable', target: '#session.retrying', actions: ['planRetry', 'announceRetry'] },
    { target: '#session.failed', actions: 'noteError' },
  ],
  'agent.ended': [
    { guard: 'retryable', target: '#session.retrying', actions: ['planRetry', 'announceRetry'] },
    { target: '#session.failed', actions: 'noteError' },
  ],
  'agent.capped': { target: '#session.retrying', actions: ['planNow', 'announceRetry'] },
  pause: { target: '#session.asking', actions: 'aimAtPause' },
  stop: { target: '#session.asking', actions: 'aimAtStop' },
  timeout: { target: '#session.asking', actions: 'aimAtTimeout' },
} as const;

const interrupted = {
  'agent.done': { target: '#session.completed' },
  'agent.ended': [
    { guard: 'forStop', target: '#session.stopped' },
    { guard: 'forPause', target: '#session.paused' },
    { guard: 'retryable', target: '#session.retrying', actions: ['planRetry', 'announceRetry'] },
    { target: '#session.failed' },
  ],
  'agent.failed': [
    { guard: 'forStop', target: '#session.stopped' },
    { guard: 'forPauseRetryable', target: '#session.paused' },
    { guard: 'forPause', target: '#session.failed', actions: 'noteError' },
    { guard: 'forTimeout', target: '#session.timedOut' },
    { target: '#session.failed', actions: 'noteError' },
  ],
  'agent.limited': [
    { guard: 'forStop', target: '#session.stopped' },
    { guard: 'forPause', target: '#session.paused', actions: ['noteLimit', 'announceLimit'] },
    { target: '#session.quotaWait', actions: ['noteLimit', 'announceLimit'] },
  ],
  'agent.capped': [
    { guard: 'forStop', target: '#session.stopped' },
    { guard: 'forPause', target: '#session.paused' },
    { target: '#session.timedOut' },
  ],
  'agent.unstarted': [
    { guard: 'forStop', target: '#session.stopped', actions: 'uncountAttempt' },
    { target: '#session.paused', actions: 'uncountAttempt' },
  ],
  pause: { guard: 'forTimeout', actions: 'aimAtPause' },
  stop: { actions: 'aimAtStop' },
} as const;

/**
 * One session's run (transition table: design-docs/statecharts.md). It does not end in a final state: it reports
 * `session.settled` and the group stops it, so that a retry can start it again under the same id.
 */
export const sessionMachine = sessionSetup.createMachine({
  id: 'session',
  context: ({ input }) => ({
    ...input,
    intent: undefined,
    deadline: 0,
    requestId: undefined,
    error: undefined,
  }),
  initial: 'admitted',
  on: { 'slot.granted': { actions: 'yieldSlot' } },
  states: {
    admitted: {
      always: [{ guard: 'prepared', target: 'working' }, { target: 'preparing' }],
    },
    preparing: {
      tags: 'live',
      entry: { type: 'show', params: { status: 'preparing' } },
      invoke: {
        src: 'prepare',
        input: ({ context }) => ({ id: context.id }),
        onDone: { target: 'working' },
        onError: {
          target: 'failed',
          actions: {
            type: 'notePrepareError',
            params: ({ event }) => ({
              message: event.error instanceof Error ? event.error.message : String(event.error),
            }),
          },
        },
      },
      on: {
        pause: { target: 'paused' },
        stop: { target: 'stopped' },
        timeout: { target: 'failed', actions: 'noteError' },
      },
    },
    working: {
      tags: 'live',
      /** Starting an attempt journals and shows it. */
      entry: ['countAttempt', 'startAttempt'],
      on: {
        ...ended,
        'agent.approval': { target: 'awaitingApproval', actions: 'noteRequest' },
        'agent.unstarted': { target: 'paused', actions: 'uncountAttempt' },
      },
    },
    awaitingApproval: {
      tags: 'live',
      entry: [{ type: 'show', params: { status: 'awaiting_approval' } }, 'requestNoted'],
      exit: ['requestForgotten', 'forgetRequest'],
      on: {
        ...ended,
        'approval.answer': { guard: 'answersRequest', target: 'answered', actions: 'answer' },
        'agent.approval': { target: 'awaitingApproval', reenter: true, actions: 'noteRequest' },
        'agent.withdrew': { guard: 'answersRequest', target: 'answered' },
      },
    },
    /** Working on without having been started again. */
    answered: {
      tags: 'live',
      entry: { type: 'show', params: { status: 'running' } },
      on: {
        ...ended,
        'agent.approval': { target: 'awaitingApproval', actions: 'noteRequest' },
      },
    },
    asking: {
      tags: 'live',
      entry: [{ type: 'show', params: { status: 'interrupting' } }, 'ask'],
      after: { grace: 'terminating' },
      on: interrupted,
    },
    terminating: { tags: 'live', entry: 'terminate', after: { grace: 'killing' }, on: interrupted },
    killing: {
      tags: 'live',
      entry: 'kill',
      after: { grace: { target: 'killing', reenter: true } },
      on: interrupted,
    },
    /** The watchdog's error decides, whatever the agent said while it was being ended. */
    timedOut: {
      always: [
        { guard: 'retryable', target: 'retrying', actions: ['planRetry', 'announceRetry'] },
        { target: 'failed' },
      ],
    },
    retrying: {
      entry: [{ type: 'show', params: { status: 'retrying' } }, 'yieldForRetry'],
      after: { untilDeadline: 'queued' },
      on: { pause: { target: 'paused' }, stop: { target: 'stopped' } },
    },
    quotaWait: {
      entry: [{ type: 'show', params: { status: 'quota_wait' } }, 'yieldForQuota'],
      after: { untilDeadline: 'queued' },
      on: { pause: { target: 'paused' }, stop: { target: 'stopped' } },
    },
    queued: {
      entry: [{ type: 'show', params: { status: 'pending' } }, 'wantSlot'],
      on: {
        'slot.granted': { target: 'admitted' },
        pause: { target: 'paused' },
        stop: { target: 'stopped' },
      },
    },
    paused: {
      entry: [{ type: 'show', params: { status: 'paused' } }, 'yieldSlot'],
      on: { resume: { target: 'queued' }, stop: { target: 'stopped' } },
    },
    completed: {
      tags: 'settled',
      entry: [
        { type: 'show', params: { status: 'completed' } },
        { type: 'report', params: { outcome: 'completed' } },
      ],
    },
    failed: {
      tags: 'settled',
      entry: [
        { type: 'show', params: { status: 'failed' } },
        { type: 'report', params: { outcome: 'failed' } },
      ],
    },
    stopped: {
      tags: 'settled',
      entry: [
        { type: 'show', params: { status: 'stopped' } },
        { type: 'report', params: { outcome: 'stopped' } },
      ],
    },
  },
});
