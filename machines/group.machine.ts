import type { RefusalCode } from './contract.ts';
import { BUDGET_ACTOR, groupSetup, type JournalledStep, QUOTA_ACTOR } from './group.setup.ts';
import type { GroupStatus } from './vocabulary.ts';

const refuse = (code: RefusalCode) => ({ actions: { type: 'refuse' as const, params: { code } } });
const journal = (type: JournalledStep) => ({ type: 'journal' as const, params: { type } });
const because = (reason: string) => ({ type: 'because' as const, params: { reason } });
const tellParent = (status: GroupStatus) => ({ type: 'tellParent' as const, params: { status } });

const becausePausing = (reason: string) => [because(reason), journal('group_pausing')];
const becauseStopping = (reason: string) => [because(reason), journal('group_stopping')];

const finish = [
  { guard: 'succeeded' as const, target: 'completed' as const, actions: [journal('group_completed')] },
  {
    guard: 'allSettled' as const,
    target: 'failed' as const,
    actions: [because('sessions_failed'), journal('group_failed')],
  },
];

const redefine = [
  'publish' as const,
  'accept' as const,
  'redefine' as const,
  'journalRedefinition' as const,
  'announceRedefinition' as const,
  'publish' as const,
];
const redefinition = [{ guard: 'redefinable' as const, actions: redefine }, refuse('sessions_in_the_way')];
/** A group that has ended has something to do again: it waits for a resume (I5). */
const redefinitionAfterTheEnd = [
  {
    guard: 'addsSessions' as const,
    target: 'paused' as const,
    actions: [because('manual'), ...redefine, journal('group_paused')],
  },
  ...redefinition,
];

/** What sessions report, in every state that has live ones. */
const reports = {
  'session.settled': { actions: ['settle' as const, 'publish' as const] },
  'session.yielded': [
    { guard: 'byQuota' as const, actions: ['park' as const, 'describeQuota' as const] },
    { actions: 'park' as const },
  ],
  'session.ready': { actions: 'requeue' as const },
};

/**
 * A group of sessions (transition table: design-docs/statecharts.md). One child actor per session in play;
 * sessions that wait are counters in the roster.
 */
export const groupMachine = groupSetup.createMachine({
  id: 'group',
  context: ({ input }) => ({ roster: input.roster, r: 0, parent: input.parent }),
  initial: 'restoring',
  entry: 'bind',
  invoke: [
    { src: 'budget', id: BUDGET_ACTOR, input: ({ context }) => ({ budget: context.roster.budget }) },
    {
      src: 'quota',
      id: QUOTA_ACTOR,
      input: ({ context }) => ({ quota: context.roster.quota, now: () => context.roster.now() }),
    },
  ],
  on: {
    run: refuse('not_in_this_state'),
    pause: refuse('not_in_this_state'),
    resume: refuse('not_in_this_state'),
    stop: refuse('not_in_this_state'),
    retry: refuse('not_in_this_state'),
    'session.pause': refuse('not_in_this_state'),
    'session.resume': refuse('not_in_this_state'),
    'approval.answer': refuse('not_in_this_state'),
    'definition.change': refuse('not_in_this_state'),
    'budget.change': { actions: 'forwardToBudget' },
    'budget.changed': {},
    'admission.changed': { actions: 'reconsider' },
    'quota.opened': { actions: 'reconsider' },
    'journal.failed': {},
    'xstate.error.actor.*': [{ guard: 'fromSession', actions: 'bury' }, { actions: 'escalate' }],
  },
  states: {
    restoring: {
      always: [
        { guard: 'wasPaused', target: 'paused' },
        { guard: 'wasStopped', target: 'stopped' },
        { guard: 'wasCompleted', target: 'completed' },
        { guard: 'wasFailed', target: 'failed' },
        { target: 'created' },
      ],
    },
    created: {
      on: {
        'definition.change': redefinition,
        run: [
          { guard: 'cannotGoOn', ...refuse('budget_exhausted') },
          {
            target: 'running',
            actions: ['accept', 'changeLimit', 'requeueActorless', journal('group_started')],
          },
        ],
      },
    },
    running: {
      /** What was set aside may have become free while the group was at rest. */
      entry: ['reconsider', 'wakeQuota'],
      always: [
        ...finish,
        { guard: 'tooManyErrorsPause', target: 'pausing', actions: becausePausing('error_threshold') },
        { guard: 'tooManyErrorsStop', target: 'stopping', actions: becauseStopping('error_threshold') },
        { guard: 'canAdmit', actions: 'admit' },
        { guard: 'onlyHeldLeft', target: 'pausing', actions: becausePausing('sessions_paused') },
      ],
      on: {
        ...reports,
        pause: { target: 'pausing', actions: ['accept', 'becauseAsked', journal('group_pausing')] },
        stop: { target: 'stopping', actions: ['accept', 'becauseAsked', journal('group_stopping')] },
        'budget.exceeded': [
          { guard: 'exceedPauses', target: 'pausing', actions: becausePausing('budget_exceeded') },
          { guard: 'exceedStops', target: 'stopping', actions: becauseStopping('budget_exceeded') },
          {},
        ],
        'agent.unavailable': { target: 'pausing', actions: becausePausing('agent_unavailable') },
        'quota.tooLong': { target: 'pausing', actions: becausePausing('quota') },
        'journal.failed': { target: 'pausing', actions: becausePausing('store_failed') },
        'definition.change': redefinition,
        'session.pause': [
          { guard: 'pausable', actions: ['accept', 'hold', 'publish', 'tellPause'] },
          refuse('session_not_pausable'),
        ],
        'session.resume': [
          { guard: 'resumable', actions: ['accept', 'release', 'publish', 'tellResume'] },
          refuse('session_not_paused'),
        ],
        'approval.answer': [
          { guard: 'awaitsAnswer', actions: ['accept', 'tellAnswer'] },
          refuse('no_such_request'),
        ],
      },
    },
    pausing: {
      entry: 'pauseAll',
      always: [...finish, { guard: 'noLiveSession', target: 'paused', actions: [journal('group_paused')] }],
      on: {
        ...reports,
        pause: { actions: 'accept' },
        stop: { target: 'stopping', actions: ['accept', 'becauseAsked', journal('group_stopping')] },
        resume: refuse('still_pausing'),
        'definition.change': refuse('still_pausing'),
        'budget.exceeded': [
          { guard: 'exceedStops', target: 'stopping', actions: becauseStopping('budget_exceeded') },
          {},
        ],
      },
    },
    paused: {
      tags: 'resting',
      entry: ['restQuota', tellParent('paused')],
      on: {
        ...reports,
        pause: refuse('already_paused'),
        stop: { target: 'stopping', actions: ['accept', 'becauseAsked', journal('group_stopping')] },
        resume: [
          { guard: 'cannotGoOn', ...refuse('budget_exhausted') },
          {
            target: 'running',
            actions: [
              'accept',
              'changeLimit',
              'forgetErrors',
              journal('group_resumed'),
              'requeueActorless',
              'resumeAll',
            ],
          },
        ],
        'definition.change': redefinition,
        retry: [
          { guard: 'somethingToRetry', actions: ['accept', 'reopen', journal('group_retried'), 'publish'] },
          refuse('nothing_to_retry'),
        ],
        'session.resume': [
          { guard: 'resumable', actions: ['accept', 'release', 'publish'] },
          refuse('session_not_paused'),
        ],
      },
    },
    stopping: {
      entry: ['skipWaiting', 'settleActorless', 'publish', 'stopAll'],
      always: [{ guard: 'noneInPlay', target: 'stopped', actions: [journal('group_stopped')] }],
      on: { ...reports, stop: { actions: 'accept' } },
    },
    stopped: {
      tags: ['settled', 'resting'],
      entry: ['restQuota', tellParent('stopped')],
      on: {
        stop: refuse('already_stopped'),
        'definition.change': redefinitionAfterTheEnd,
        retry: [
          { guard: 'overBudget', ...refuse('budget_exhausted') },
          {
            guard: 'somethingToRetry',
            target: 'running',
            actions: ['accept', 'forgetErrors', 'reopen', journal('group_retried'), 'publish'],
          },
          refuse('nothing_to_retry'),
        ],
      },
    },
    completed: {
      tags: ['settled', 'resting'],
      entry: ['restQuota', tellParent('completed')],
      on: { retry: refuse('nothing_to_retry'), 'definition.change': redefinitionAfterTheEnd },
    },
    failed: {
      tags: ['settled', 'resting'],
      entry: ['restQuota', tellParent('failed')],
      /** What forbade it has been taken out of the definition (I5). */
      always: { guard: 'succeeded', target: 'completed', actions: [journal('group_completed')] },
      on: {
        'definition.change': redefinitionAfterTheEnd,
        retry: [
          { guard: 'overBudget', ...refuse('budget_exhausted') },
          {
            guard: 'somethingToRetry',
            target: 'running',
            actions: ['accept', 'forgetErrors', 'reopen', journal('group_retried'), 'publish'],
          },
          refuse('nothing_to_retry'),
        ],
      },
    },
  },
  options: { maxIterations: 1_000 },
});
