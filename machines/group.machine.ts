import { BUDGET_ACTOR, KEEPER_ACTOR, QUOTA_ACTOR } from './group.ground.ts';
import { groupSetup } from './group.setup.ts';

/**
 * A group of sessions. One child actor per session in play, held by the
 * roster; sessions that wait are counters in it.
 */
export const groupMachine = groupSetup.createMachine({
  id: 'group',
  context: ({ input }) => ({ roster: input.roster, revision: 0, parent: input.parent, id: input.id }),
  initial: 'judging',
  entry: 'bind',
  invoke: [
    { src: 'budget', id: BUDGET_ACTOR, input: ({ context }) => ({ budget: context.roster.budget }) },
    {
      src: 'quota',
      id: QUOTA_ACTOR,
      input: ({ context }) => ({ quota: context.roster.quota, now: () => context.roster.now() }),
    },
    { src: 'keeper', id: KEEPER_ACTOR, input: ({ context }) => ({ roster: context.roster }) },
  ],
  on: {
    run: { actions: { type: 'refuse', params: { code: 'not_in_this_state' } } },
    pause: { actions: { type: 'refuse', params: { code: 'not_in_this_state' } } },
    resume: { actions: { type: 'refuse', params: { code: 'not_in_this_state' } } },
    stop: { actions: { type: 'refuse', params: { code: 'not_in_this_state' } } },
    retry: { actions: { type: 'refuse', params: { code: 'not_in_this_state' } } },
    integrate: { actions: { type: 'refuse', params: { code: 'not_in_this_state' } } },
    'session.pause': { actions: { type: 'refuse', params: { code: 'not_in_this_state' } } },
    'session.resume': { actions: { type: 'refuse', params: { code: 'not_in_this_state' } } },
    'session.send': { actions: { type: 'refuse', params: { code: 'not_in_this_state' } } },
    'approval.answer': { actions: { type: 'refuse', params: { code: 'not_in_this_state' } } },
    'definition.change': [
      {
        guard: 'redefinable',
        actions: [
          'journalNotes',
          'accept',
          'redefine',
          'journalRedefinition',
          'announceRedefinition',
          'journalNotes',
          'raiseDependents',
        ],
      },
      { actions: { type: 'refuse', params: { code: 'sessions_in_the_way' } } },
    ],
    'budget.change': { actions: 'forwardToBudget' },
    'budget.changed': {},
    'admission.changed': { actions: 'reconsider' },
    'quota.opened': { actions: 'reconsider' },
    'journal.failed': {},
    'session.settled': {
      actions: ['stopSession', 'settle', 'grantMerge', 'journalNotes', 'raiseDependents'],
    },
    'session.yielded': [
      {
        guard: 'byQuota',
        actions: ['park', 'describeQuota'],
        description: 'The gate was closed by whoever met the limit; its chart only describes it.',
      },
      {
        guard: 'toContinue',
        actions: ['park', 'requeue', 'grantMerge'],
        description: 'It is in the queue before its slot is given to another: those in play go first.',
      },
      { actions: ['park', 'grantMerge'] },
    ],
    'session.blocked': {},
    'delivery.done': { actions: 'noteDelivered' },
    'delivery.refused': { actions: 'noteDeliveryEnded' },
    'delivery.ended': { actions: 'noteDeliveryEnded' },
    'merge.wanted': { actions: ['queueMerge', 'grantMerge'] },
    'session.ready': { actions: 'requeue' },
    'dependency.settled': [
      { guard: 'dependencySatisfied', actions: ['enqueue', 'raiseDependents'] },
      {
        guard: 'dependencyViolated',
        actions: ['skip', 'journalNotes', 'raiseDependents'],
        description: 'A skipped session has settled as well: those that wait for it are judged next.',
      },
      { actions: 'raiseDependents' },
    ],
    'xstate.error.actor.*': [
      { guard: 'fromSession', actions: 'failCrashedSession' },
      { actions: 'escalate' },
    ],
  },
  states: {
    judging: {
      description:
        'Judges what its engine had still to judge when it died. Nothing is journalled by that before a request.',
      tags: 'opening',
      entry: 'raiseDependents',
      on: {
        'dependency.settled': [
          { guard: 'dependencySatisfied', actions: ['enqueue', 'raiseDependents'] },
          { guard: 'dependencyViolated', actions: ['skip', 'raiseDependents'] },
        ],
      },
      always: { guard: 'allJudged', target: 'restoring' },
    },
    restoring: {
      description: 'Enters the state that the journal left.',
      tags: 'opening',
      always: [
        {
          guard: 'wasPaused',
          target: 'atRest.paused',
          actions: ['journalNotes', 'journalPausedSessions'],
          description:
            'What its engine had still to say of a retry, a new definition or its last sessions is said at once.',
        },
        { guard: 'wasStopped', target: 'atRest.settled.stopped' },
        { guard: 'wasCompleted', target: 'atRest.settled.completed' },
        { guard: 'wasFailed', target: 'atRest.settled.failed' },
        {
          guard: 'wasPausingWhenDone',
          target: 'atRest.settled.completed',
          actions: ['takeOver', 'journalNotes', { type: 'journal', params: { type: 'group_completed' } }],
          description: 'Everything had settled while it was pausing; only that was left to be said.',
        },
        {
          guard: 'wasPausingWhenSettled',
          target: 'atRest.settled.failed',
          actions: [
            'takeOver',
            { type: 'because', params: { reason: 'sessions_failed' } },
            'journalNotes',
            { type: 'journal', params: { type: 'group_failed' } },
          ],
        },
        { guard: 'wasPausingWithAgents', target: 'interrupted.pausing' },
        {
          guard: 'wasPausing',
          target: 'atRest.paused',
          actions: [
            'takeOver',
            'journalNotes',
            'journalPausedSessions',
            { type: 'journal', params: { type: 'group_paused' } },
          ],
          description: 'A pause that was under way ended with the engine.',
        },
        { guard: 'wasRunning', target: 'interrupted.running' },
        { guard: 'wasStopping', target: 'interrupted.stopping' },
        { target: 'created' },
      ],
    },
    created: {
      description: 'Nothing has started.',
      on: {
        run: [
          {
            guard: 'budgetStillExhausted',
            actions: { type: 'refuse', params: { code: 'budget_exhausted' } },
          },
          {
            target: 'active',
            actions: ['accept', { type: 'journal', params: { type: 'group_started' } }, 'changeLimit'],
          },
        ],
        'session.pause': [
          { guard: 'pausable', actions: ['accept', 'hold', 'journalNotes'] },
          { actions: { type: 'refuse', params: { code: 'session_not_pausable' } } },
        ],
        'session.resume': [
          { guard: 'resumable', actions: ['accept', 'release', 'journalNotes'] },
          { actions: { type: 'refuse', params: { code: 'session_not_paused' } } },
        ],
        'session.send': [
          { guard: 'takesMessage', actions: ['accept', 'journalMessage', 'tellMessage'] },
          { actions: { type: 'refuse', params: { code: 'message_refused' } } },
        ],
      },
    },
    interrupted: {
      description:
        'The engine died while the group was live. Nothing runs here, and nothing has been taken over.',
      initial: 'running',
      states: {
        running: {
          description: 'Until somebody resumes, pauses or stops it.',
          on: {
            resume: [
              {
                guard: 'budgetStillExhausted',
                actions: { type: 'refuse', params: { code: 'budget_exhausted' } },
                description:
                  'A refused request changes nothing: it stays interrupted, and nothing is journalled.',
              },
              {
                target: '#group.active',
                actions: [
                  'accept',
                  'takeOver',
                  'forgetErrors',
                  'adopt',
                  'requeueActorless',
                  { type: 'journal', params: { type: 'group_resumed' } },
                  'changeLimit',
                  'journalNotes',
                  'startAdopted',
                ],
              },
            ],
            pause: [
              {
                guard: 'deliversSettled',
                target: '#group.active.settlingAgain',
                actions: ['accept', 'takeOver', 'journalNotes'],
                description: 'Of a settled group: nothing but its delivery was under way.',
              },
              {
                guard: 'succeeded',
                target: '#group.atRest.settled.completed',
                actions: [
                  'accept',
                  'takeOver',
                  'journalNotes',
                  { type: 'journal', params: { type: 'group_completed' } },
                ],
                description: 'Its engine had only its end left to say.',
              },
              {
                guard: 'allSettled',
                target: '#group.atRest.settled.failed',
                actions: [
                  'accept',
                  'takeOver',
                  { type: 'because', params: { reason: 'sessions_failed' } },
                  'journalNotes',
                  { type: 'journal', params: { type: 'group_failed' } },
                ],
              },
              {
                guard: 'agentsLeft',
                target: '#group.active.pausing',
                actions: [
                  'accept',
                  'takeOver',
                  'becauseAsked',
                  { type: 'journal', params: { type: 'group_pausing' } },
                  'adopt',
                  'startAdopted',
                ],
                description: 'They have to be told.',
              },
              {
                target: '#group.atRest.paused',
                actions: [
                  'accept',
                  'takeOver',
                  'becauseAsked',
                  'journalNotes',
                  'journalPausedSessions',
                  { type: 'journal', params: { type: 'group_paused' } },
                ],
              },
            ],
            stop: [
              {
                guard: 'deliversSettled',
                target: '#group.active.settlingAgain',
                actions: ['accept', 'takeOver', 'journalNotes'],
              },
              {
                guard: 'succeeded',
                target: '#group.atRest.settled.completed',
                actions: [
                  'accept',
                  'takeOver',
                  'journalNotes',
                  { type: 'journal', params: { type: 'group_completed' } },
                ],
              },
              {
                guard: 'allSettled',
                target: '#group.atRest.settled.failed',
                actions: [
                  'accept',
                  'takeOver',
                  { type: 'because', params: { reason: 'sessions_failed' } },
                  'journalNotes',
                  { type: 'journal', params: { type: 'group_failed' } },
                ],
              },
              {
                target: '#group.active.stopping',
                actions: [
                  'accept',
                  'takeOver',
                  'becauseAsked',
                  { type: 'journal', params: { type: 'group_stopping' } },
                  'adopt',
                  'startAdopted',
                ],
              },
            ],
            'session.pause': [
              { guard: 'pausable', actions: ['accept', 'hold', 'journalNotes'] },
              { actions: { type: 'refuse', params: { code: 'session_not_pausable' } } },
            ],
            'session.resume': [
              { guard: 'resumable', actions: ['accept', 'release', 'journalNotes'] },
              { actions: { type: 'refuse', params: { code: 'session_not_paused' } } },
            ],
            'session.send': [
              { guard: 'takesMessage', actions: ['accept', 'journalMessage', 'tellMessage'] },
              { actions: { type: 'refuse', params: { code: 'message_refused' } } },
            ],
            run: { actions: { type: 'refuse', params: { code: 'interrupted' } } },
            retry: { actions: { type: 'refuse', params: { code: 'interrupted' } } },
            integrate: { actions: { type: 'refuse', params: { code: 'interrupted' } } },
          },
        },
        pausing: {
          description: 'A pause that was journalled is carried out: agents elsewhere have still to be told.',
          after: {
            atOnce: { target: '#group.active.pausing', actions: ['takeOver', 'adopt', 'startAdopted'] },
          },
          on: {
            pause: {
              target: '#group.active.pausing',
              actions: ['accept', 'takeOver', 'adopt', 'startAdopted'],
            },
            stop: {
              target: '#group.active.stopping',
              actions: [
                'accept',
                'takeOver',
                'becauseAsked',
                { type: 'journal', params: { type: 'group_stopping' } },
                'adopt',
                'startAdopted',
              ],
            },
            resume: { actions: { type: 'refuse', params: { code: 'still_pausing' } } },
            'definition.change': { actions: { type: 'refuse', params: { code: 'still_pausing' } } },
          },
        },
        stopping: {
          description: 'A stop that was journalled is carried out, before anything else.',
          after: {
            atOnce: {
              guard: 'agentsLeft',
              target: '#group.active.stopping',
              actions: ['takeOver', 'adopt', 'startAdopted'],
              description: 'Agents elsewhere have still to be told.',
            },
          },
          on: {
            stop: {
              target: '#group.active.stopping',
              actions: ['accept', 'takeOver', 'adopt', 'startAdopted'],
            },
            resume: {
              target: '#group.active.stopping',
              actions: ['accept', 'takeOver', 'adopt', 'startAdopted', 'changeLimit'],
            },
            run: { actions: { type: 'refuse', params: { code: 'stop_unfinished' } } },
            retry: { actions: { type: 'refuse', params: { code: 'stop_unfinished' } } },
            integrate: { actions: { type: 'refuse', params: { code: 'stop_unfinished' } } },
            pause: { actions: { type: 'refuse', params: { code: 'stop_unfinished' } } },
            'definition.change': { actions: { type: 'refuse', params: { code: 'stop_unfinished' } } },
          },
        },
      },
    },
    active: {
      description: 'Agents may be at work.',
      initial: 'running',
      on: {
        stop: {
          target: '.stopping',
          actions: ['accept', 'becauseAsked', { type: 'journal', params: { type: 'group_stopping' } }],
        },
        'budget.exceeded': {
          guard: 'exceedStops',
          target: '.stopping',
          actions: [
            { type: 'because', params: { reason: 'budget_exceeded' } },
            { type: 'journal', params: { type: 'group_stopping' } },
          ],
        },
        'session.send': [
          { guard: 'takesMessage', actions: ['accept', 'journalMessage', 'tellMessage'] },
          { actions: { type: 'refuse', params: { code: 'message_refused' } } },
        ],
      },
      states: {
        running: {
          description: 'Starts what may start, one session at a time.',
          entry: ['reconsider', 'wakeQuota', 'raiseDependents'],
          always: [
            { guard: 'deliveredSettled', target: 'settlingAgain' },
            {
              guard: 'succeeded',
              target: '#group.atRest.settled.completed',
              actions: { type: 'journal', params: { type: 'group_completed' } },
            },
            {
              guard: 'deliverable',
              target: 'delivering',
              actions: { type: 'journal', params: { type: 'group_delivering' } },
            },
            {
              guard: 'allSettled',
              target: '#group.atRest.settled.failed',
              actions: [
                { type: 'because', params: { reason: 'sessions_failed' } },
                { type: 'journal', params: { type: 'group_failed' } },
              ],
            },
            {
              guard: 'tooManyErrorsPause',
              target: 'pausing',
              actions: [
                { type: 'because', params: { reason: 'error_threshold' } },
                { type: 'journal', params: { type: 'group_pausing' } },
              ],
            },
            {
              guard: 'tooManyErrorsStop',
              target: 'stopping',
              actions: [
                { type: 'because', params: { reason: 'error_threshold' } },
                { type: 'journal', params: { type: 'group_stopping' } },
              ],
            },
            { guard: 'canStart', actions: ['admit', 'startSession'] },
            { guard: 'canAdmit', actions: ['admit', 'grantSlot'] },
            {
              guard: 'onlyHeldLeft',
              target: 'pausing',
              actions: [
                { type: 'because', params: { reason: 'sessions_paused' } },
                { type: 'journal', params: { type: 'group_pausing' } },
              ],
            },
          ],
          on: {
            pause: {
              target: 'pausing',
              actions: ['accept', 'becauseAsked', { type: 'journal', params: { type: 'group_pausing' } }],
            },
            'budget.exceeded': {
              guard: 'exceedPauses',
              target: 'pausing',
              actions: [
                { type: 'because', params: { reason: 'budget_exceeded' } },
                { type: 'journal', params: { type: 'group_pausing' } },
              ],
            },
            'agent.unavailable': {
              target: 'pausing',
              actions: [
                { type: 'because', params: { reason: 'agent_unavailable' } },
                { type: 'journal', params: { type: 'group_pausing' } },
              ],
              description: 'One bad login must not stop session after session.',
            },
            'session.blocked': {
              target: 'pausing',
              actions: [
                { type: 'because', params: { reason: 'conflict' } },
                { type: 'journal', params: { type: 'group_pausing' } },
              ],
              description: 'What is to become of both changes is for a person to say.',
            },
            'quota.tooLong': {
              target: 'pausing',
              actions: [
                { type: 'because', params: { reason: 'quota' } },
                { type: 'journal', params: { type: 'group_pausing' } },
              ],
              description: 'The limit is reset later than the group is willing to wait.',
            },
            'journal.failed': {
              target: 'pausing',
              actions: [
                { type: 'because', params: { reason: 'store_failed' } },
                { type: 'journal', params: { type: 'group_pausing' } },
              ],
              description: 'What cannot be journalled must not happen.',
            },
            'session.pause': [
              {
                guard: 'pausableActorless',
                actions: ['accept', 'hold', 'journalNotes'],
                description: 'What has not started stays pending.',
              },
              { guard: 'pausable', actions: ['accept', 'hold', 'journalNotes', 'tellPause'] },
              { actions: { type: 'refuse', params: { code: 'session_not_pausable' } } },
            ],
            'session.resume': [
              { guard: 'resumableActorless', actions: ['accept', 'release', 'requeue', 'journalNotes'] },
              { guard: 'resumable', actions: ['accept', 'release', 'journalNotes', 'tellResume'] },
              { actions: { type: 'refuse', params: { code: 'session_not_paused' } } },
            ],
            'approval.answer': [
              { guard: 'awaitsAnswer', actions: ['accept', 'tellAnswer'] },
              { actions: { type: 'refuse', params: { code: 'no_such_request' } } },
            ],
          },
        },
        delivering: {
          description: 'What has been merged goes into a branch of the user.',
          entry: ['noteDelivering', 'startDelivery'],
          always: [
            { guard: 'deliveredSettled', target: 'settlingAgain' },
            {
              guard: 'succeeded',
              target: '#group.atRest.settled.completed',
              actions: { type: 'journal', params: { type: 'group_completed' } },
            },
          ],
          on: {
            pause: [
              {
                guard: 'deliversSettled',
                actions: ['accept', 'cutOffDelivery'],
                description: 'What had settled is not paused by that: it is settled as before.',
              },
              {
                target: 'pausing',
                actions: ['accept', 'becauseAsked', { type: 'journal', params: { type: 'group_pausing' } }],
              },
            ],
            stop: [
              { guard: 'deliversSettled', actions: ['accept', 'cutOffDelivery'] },
              {
                target: 'stopping',
                actions: ['accept', 'becauseAsked', { type: 'journal', params: { type: 'group_stopping' } }],
              },
            ],
            'budget.exceeded': { description: 'A delivery spends nothing.' },
            'journal.failed': {
              target: 'pausing',
              actions: [
                { type: 'because', params: { reason: 'store_failed' } },
                { type: 'journal', params: { type: 'group_pausing' } },
              ],
            },
            'definition.change': { actions: { type: 'refuse', params: { code: 'not_in_this_state' } } },
            'delivery.refused': [
              { guard: 'deliversSettled', actions: 'noteDeliveryEnded' },
              {
                target: 'pausing',
                actions: [
                  'noteDeliveryEnded',
                  'becauseRefused',
                  { type: 'journal', params: { type: 'group_pausing' } },
                ],
              },
            ],
            'delivery.ended': [
              { guard: 'deliversSettled', actions: 'noteDeliveryEnded' },
              {
                target: 'pausing',
                actions: ['noteDeliveryEnded', { type: 'journal', params: { type: 'group_pausing' } }],
              },
            ],
          },
        },
        settlingAgain: {
          description:
            'It had settled, and was asked to deliver: it is settled as before, whatever has come of that.',
          always: [
            {
              guard: 'hadCompleted',
              target: '#group.atRest.settled.completed',
              actions: ['settleAgain', { type: 'journal', params: { type: 'group_completed' } }],
            },
            {
              guard: 'wasStoppedBefore',
              target: '#group.atRest.settled.stopped',
              actions: ['settleAgain', { type: 'journal', params: { type: 'group_stopped' } }],
            },
            {
              target: '#group.atRest.settled.failed',
              actions: ['settleAgain', { type: 'journal', params: { type: 'group_failed' } }],
            },
          ],
        },
        pausing: {
          description: 'Live sessions are being interrupted; nothing starts.',
          entry: ['pauseActorless', 'journalNotes', 'pauseAll', 'cutOffDelivery'],
          always: [
            { guard: 'deliveredSettled', target: 'settlingAgain' },
            {
              guard: 'succeeded',
              target: '#group.atRest.settled.completed',
              actions: { type: 'journal', params: { type: 'group_completed' } },
            },
            {
              guard: 'allSettled',
              target: '#group.atRest.settled.failed',
              actions: [
                { type: 'because', params: { reason: 'sessions_failed' } },
                { type: 'journal', params: { type: 'group_failed' } },
              ],
            },
            {
              guard: 'noneLive',
              target: '#group.atRest.paused',
              actions: { type: 'journal', params: { type: 'group_paused' } },
            },
          ],
          on: {
            pause: { actions: 'accept' },
            resume: { actions: { type: 'refuse', params: { code: 'still_pausing' } } },
            'definition.change': { actions: { type: 'refuse', params: { code: 'still_pausing' } } },
          },
        },
        stopping: {
          description: 'What has not started is skipped, and what is live is being ended.',
          entry: ['skipWaiting', 'settleActorless', 'journalNotes', 'stopAll', 'cutOffDelivery'],
          always: {
            guard: 'noneInPlay',
            target: '#group.atRest.settled.stopped',
            actions: { type: 'journal', params: { type: 'group_stopped' } },
          },
          on: {
            stop: { actions: 'accept' },
            'budget.exceeded': {},
            'session.send': { actions: { type: 'refuse', params: { code: 'not_in_this_state' } } },
            'definition.change': { actions: { type: 'refuse', params: { code: 'not_in_this_state' } } },
          },
        },
      },
    },
    atRest: {
      description: 'Nothing is live, and nothing starts by itself.',
      tags: 'resting',
      entry: 'restQuota',
      initial: 'paused',
      on: {
        'session.send': [
          { guard: 'takesMessage', actions: ['accept', 'journalMessage', 'tellMessage'] },
          { actions: { type: 'refuse', params: { code: 'message_refused' } } },
        ],
      },
      states: {
        paused: {
          description: 'Continues with a resume.',
          entry: 'reportPaused',
          on: {
            pause: { actions: { type: 'refuse', params: { code: 'already_paused' } } },
            stop: {
              target: '#group.active.stopping',
              actions: ['accept', 'becauseAsked', { type: 'journal', params: { type: 'group_stopping' } }],
            },
            resume: [
              {
                guard: 'budgetStillExhausted',
                actions: { type: 'refuse', params: { code: 'budget_exhausted' } },
              },
              {
                target: '#group.active',
                actions: [
                  'accept',
                  'forgetErrors',
                  { type: 'journal', params: { type: 'group_resumed' } },
                  'changeLimit',
                  'requeueActorless',
                  'journalNotes',
                  'resumeAll',
                  'requeuePaused',
                ],
              },
            ],
            retry: [
              {
                guard: 'somethingToRetry',
                actions: [
                  'accept',
                  'reopen',
                  { type: 'journal', params: { type: 'group_retried' } },
                  'journalNotes',
                  'raiseDependents',
                ],
                description: 'What is opened again starts with the next resume.',
              },
              { actions: { type: 'refuse', params: { code: 'nothing_to_retry' } } },
            ],
            integrate: [
              {
                guard: 'unfinished',
                actions: { type: 'refuse', params: { code: 'sessions_unfinished' } },
              },
              {
                guard: 'canDeliver',
                target: '#group.active.delivering',
                actions: [
                  'accept',
                  { type: 'askToDeliver', params: { before: 'nothing' } },
                  { type: 'journal', params: { type: 'group_delivering' } },
                ],
                description: 'It completes once that is done.',
              },
              {
                guard: 'somethingMerged',
                actions: { type: 'refuse', params: { code: 'branch_required' } },
              },
              { actions: { type: 'refuse', params: { code: 'nothing_to_deliver' } } },
            ],
            'session.pause': [
              { guard: 'pausable', actions: ['accept', 'hold', 'journalNotes'] },
              { actions: { type: 'refuse', params: { code: 'session_not_pausable' } } },
            ],
            'session.resume': [
              { guard: 'resumable', actions: ['accept', 'release', 'journalNotes'] },
              { actions: { type: 'refuse', params: { code: 'session_not_paused' } } },
            ],
          },
        },
        settled: {
          description:
            'Nothing is left to do. A retry, a delivery that is asked for, or new sessions, leave it.',
          tags: 'settled',
          initial: 'completed',
          on: {
            'definition.change': {
              guard: 'addsSessions',
              target: '#group.active.pausing',
              actions: [
                { type: 'because', params: { reason: 'manual' } },
                'journalNotes',
                'accept',
                'redefine',
                'journalRedefinition',
                'announceRedefinition',
                'journalNotes',
                'raiseDependents',
              ],
              description:
                'With something to do again it goes on to `paused` and waits for a resume (I5); otherwise it has ended.',
            },
            retry: [
              { guard: 'overBudget', actions: { type: 'refuse', params: { code: 'budget_exhausted' } } },
              {
                guard: 'somethingToRetry',
                target: '#group.active',
                actions: [
                  'accept',
                  'forgetErrors',
                  'reopen',
                  { type: 'journal', params: { type: 'group_retried' } },
                  'journalNotes',
                ],
              },
              { actions: { type: 'refuse', params: { code: 'nothing_to_retry' } } },
            ],
            integrate: [
              {
                guard: 'somethingMerged',
                actions: { type: 'refuse', params: { code: 'branch_required' } },
              },
              { actions: { type: 'refuse', params: { code: 'nothing_to_deliver' } } },
            ],
          },
          states: {
            completed: {
              description: 'All sessions have settled, and none forbids it.',
              entry: 'reportCompleted',
              on: {
                integrate: {
                  guard: 'canDeliver',
                  target: '#group.active.delivering',
                  actions: [
                    'accept',
                    { type: 'askToDeliver', params: { before: 'completed' } },
                    { type: 'journal', params: { type: 'group_delivering' } },
                  ],
                },
                retry: { actions: { type: 'refuse', params: { code: 'nothing_to_retry' } } },
              },
            },
            failed: {
              description: 'All sessions have settled, and at least one forbids `completed`.',
              entry: 'reportFailed',
              on: {
                integrate: {
                  guard: 'canDeliver',
                  target: '#group.active.delivering',
                  actions: [
                    'accept',
                    { type: 'askToDeliver', params: { before: 'failed' } },
                    { type: 'journal', params: { type: 'group_delivering' } },
                  ],
                },
              },
              always: {
                guard: 'succeeded',
                target: 'completed',
                actions: { type: 'journal', params: { type: 'group_completed' } },
                description: 'What forbade it has been taken out of the definition (I5).',
              },
            },
            stopped: {
              description: 'It was stopped; what had not settled is stopped or skipped.',
              entry: 'reportStopped',
              on: {
                integrate: {
                  guard: 'canDeliver',
                  target: '#group.active.delivering',
                  actions: [
                    'accept',
                    { type: 'askToDeliver', params: { before: 'stopped' } },
                    { type: 'journal', params: { type: 'group_delivering' } },
                  ],
                },
                stop: { actions: { type: 'refuse', params: { code: 'already_stopped' } } },
              },
            },
          },
        },
      },
    },
  },
});
