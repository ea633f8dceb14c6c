import { sessionSetup } from './session.setup.ts';

/**
 * One session's run. It does not end in a final state when it settles: it
 * reports `session.settled` and the group stops it, so that a retry can start it again under the same id. Each state of
 * `treeWork` starts one step, which its host answers with exactly one `step.…` event, once none of its processes is left.
 */
export const sessionMachine = sessionSetup.createMachine({
  id: 'session',
  // Named one by one: a spread of a dozen takes a tenth of what all charts take for a session.
  context: ({ input }) => ({
    id: input.id,
    attempts: input.attempts,
    failures: input.failures,
    retry: input.retry,
    prepared: input.prepared,
    askedToGoOn: input.askedToGoOn,
    losses: input.losses,
    adopted: input.adopted,
    tree: input.tree,
    step: input.step,
    corrected: input.corrected,
    failOnDenial: input.failOnDenial,
    ownLogin: input.ownLogin,
    port: input.port,
    intent: undefined,
    deadline: 0,
    requestId: undefined,
    error: undefined,
    changedByChecks: false,
  }),
  initial: 'admitted',
  on: {
    'slot.granted': {
      actions: 'yieldSlot',
      description: 'A slot that comes too late goes back.',
    },
    'group.gone': { target: '.gone' },
  },
  states: {
    admitted: {
      description: 'It has a slot.',
      always: [
        { guard: 'adopted', target: 'live.adopted', actions: 'forgetAdoption' },
        { guard: 'savingIsNext', target: 'treeWork.saving' },
        { guard: 'verifyingIsNext', target: 'treeWork.verifying' },
        {
          guard: 'stepPending',
          target: 'treeWork.integrating',
          description: 'Its agent is done: that is not done again, and counts as no attempt.',
        },
        { guard: 'ownTree', target: 'treeWork.settingUp' },
        { guard: 'prepared', target: 'live' },
        { target: 'preparing' },
      ],
    },
    preparing: {
      description:
        'Renders the prompt, generates the configuration, and looks at the working tree. No agent yet.',
      tags: 'live',
      entry: { type: 'show', params: { status: 'preparing' } },
      invoke: {
        src: 'prepare',
        input: ({ context }) => ({ id: context.id }),
        onDone: { target: 'live' },
        onError: { target: 'settled.failed', actions: 'notePrepareError' },
      },
      on: {
        pause: { target: 'parked.paused' },
        stop: { target: 'settled.stopped' },
        timeout: { target: 'settled.failed', actions: 'noteError' },
      },
    },
    live: {
      description:
        'An attempt is under way. Each event of the agent that leads out of here means that its process tree has gone.',
      tags: 'live',
      initial: 'working',
      on: {
        'agent.done': [
          {
            guard: 'deniedWork',
            target: 'settled.failed',
            actions: 'noteDenial',
            description: 'What a denied permission kept from being done has not been done.',
          },
          {
            guard: 'messagesWait',
            target: 'parked.continuing',
            actions: 'announceGoingOn',
            description: 'They came as it ended: they go to the same conversation.',
          },
          { guard: 'ownTree', target: 'treeWork.saving', actions: 'noteDone' },
          { guard: 'verifies', target: 'treeWork.verifying', actions: 'noteDone' },
          { target: 'settled.completed' },
        ],
        'agent.limited': {
          target: 'parked.quotaWait',
          actions: ['noteLimit', 'announceLimit'],
          description: "The account's limit is nobody's failure: it is not counted.",
        },
        'agent.failed': [
          {
            guard: 'cappedByGroup',
            target: 'parked.retrying',
            actions: ['noteError', 'planNow', 'announceRetry'],
            description:
              'The cap stood for what the group had left. No failure: it continues as soon as the group may.',
          },
          {
            guard: 'mayBeAskedToGoOn',
            target: 'parked.retrying',
            actions: ['noteError', 'noteGoingOn', 'planNow', 'announceRetry'],
            description: 'It was done without a word. Once, it is asked to go on.',
          },
          {
            guard: 'retryable',
            target: 'parked.retrying',
            actions: ['noteError', 'planRetry', 'announceRetry'],
          },
          {
            guard: 'accountUnavailable',
            target: 'parked.paused',
            actions: ['noteError', 'announceUnavailable', 'reportUnavailable'],
            description: 'It goes on in the same conversation once the account can be used again.',
          },
          { target: 'settled.failed', actions: 'noteError' },
        ],
        'agent.ended': [
          {
            guard: 'retryable',
            target: 'parked.retrying',
            actions: ['planRetry', 'announceRetry'],
            description: 'Without a word of why, and without having been asked to: a lost process.',
          },
          { target: 'settled.failed' },
        ],
        'agent.lost': [
          {
            guard: 'lossesLeft',
            target: 'parked.retrying',
            actions: ['planAfterLoss', 'announceRetry'],
            description: "With its worker: nobody's failure. Only losses in a row are counted.",
          },
          {
            guard: 'retryable',
            target: 'parked.retrying',
            actions: ['noteLastLoss', 'planRetry', 'announceRetry'],
          },
          { target: 'settled.failed', actions: 'noteLastLoss' },
        ],
        'agent.waits': { target: '.placing' },
        'agent.placed': { target: '.placed' },
        'message.waits': { actions: 'handMessages' },
        'agent.approval': { target: '.awaitingApproval', actions: 'noteRequest' },
        pause: { target: 'interrupting', actions: 'intendPause' },
        stop: { target: 'interrupting', actions: 'intendStop' },
        timeout: { target: 'interrupting', actions: 'intendTimeout' },
      },
      states: {
        working: {
          description: 'The agent works. Starting the attempt journals it.',
          entry: ['countAttempt', 'startAttempt'],
          on: {
            'agent.unstarted': {
              target: '#session.parked.paused',
              actions: 'uncountAttempt',
              description: 'Its start could not be journalled, so there was none (I10).',
            },
          },
        },
        adopted: {
          description: 'Another engine started the attempt. It is not counted or started again, and goes on.',
          entry: [{ type: 'show', params: { status: 'running' } }, 'adoptAttempt'],
        },
        placing: {
          description: 'The attempt is ordered, and waits for a worker. No agent yet.',
          entry: { type: 'show', params: { status: 'placing' } },
        },
        placed: {
          description: 'Its agent works on another machine.',
          entry: { type: 'show', params: { status: 'running' } },
        },
        awaitingApproval: {
          description: 'The agent waits for a person to answer its request for a permission.',
          entry: [{ type: 'show', params: { status: 'awaiting_approval' } }, 'requestNoted'],
          exit: ['requestForgotten', 'forgetRequest'],
          on: {
            'approval.answer': { guard: 'answersRequest', target: 'answered', actions: 'answer' },
            'agent.withdrew': {
              guard: 'answersRequest',
              target: 'answered',
              description: 'The agent does not need the answer any more.',
            },
          },
        },
        answered: {
          description: 'Works on, without having been started again.',
          entry: { type: 'show', params: { status: 'running' } },
        },
      },
    },
    interrupting: {
      description:
        'The attempt is being ended, for a stop, a pause or a timeout: a stop wins over a pause, a pause over a timeout.',
      tags: 'live',
      initial: 'asking',
      entry: { type: 'show', params: { status: 'interrupting' } },
      on: {
        'agent.done': [
          { guard: 'deniedWork', target: 'settled.failed', actions: 'noteDenial' },
          {
            guard: 'pausedToGoOn',
            target: 'parked.paused',
            description: 'Messages wait: they go to the same conversation.',
          },
          {
            guard: 'timedOutToGoOn',
            target: 'parked.continuing',
            actions: 'announceGoingOn',
          },
          {
            guard: 'ownTree',
            target: 'treeWork.saving',
            actions: 'noteDone',
            description: 'It was done before it was interrupted: that is saved first.',
          },
          { guard: 'stopUnverified', target: 'settled.stopped', actions: 'noteDone' },
          { guard: 'pauseUnverified', target: 'parked.paused', actions: 'noteDone' },
          { target: 'settled.completed', description: 'It was done before it was interrupted.' },
        ],
        'agent.ended': [
          { guard: 'forStop', target: 'settled.stopped' },
          { guard: 'forPause', target: 'parked.paused' },
          { guard: 'retryable', target: 'parked.retrying', actions: ['planRetry', 'announceRetry'] },
          { target: 'settled.failed' },
        ],
        'agent.lost': [
          { guard: 'forStop', target: 'settled.stopped' },
          { guard: 'forPause', target: 'parked.paused' },
          { guard: 'retryable', target: 'parked.retrying', actions: ['planRetry', 'announceRetry'] },
          { target: 'settled.failed' },
        ],
        'agent.failed': [
          { guard: 'forStop', target: 'settled.stopped' },
          {
            guard: 'accountUnavailable',
            target: 'parked.paused',
            actions: ['noteError', 'announceUnavailable', 'reportUnavailable'],
          },
          {
            guard: 'pauseProvoked',
            target: 'parked.paused',
            description: 'The pause provoked it, or a retry would have mended it.',
          },
          { guard: 'forPause', target: 'settled.failed', actions: 'noteError' },
          {
            guard: 'retryable',
            target: 'parked.retrying',
            actions: ['planRetry', 'announceRetry'],
            description: "The watchdog's error decides, whatever the agent said while it was being ended.",
          },
          { target: 'settled.failed' },
        ],
        'agent.limited': [
          { guard: 'forStop', target: 'settled.stopped' },
          { guard: 'forPause', target: 'parked.paused', actions: ['noteLimit', 'announceLimit'] },
          { target: 'parked.quotaWait', actions: ['noteLimit', 'announceLimit'] },
        ],
        'agent.unstarted': [
          { guard: 'forStop', target: 'settled.stopped', actions: 'uncountAttempt' },
          { target: 'parked.paused', actions: 'uncountAttempt' },
        ],
        pause: { guard: 'forTimeout', actions: 'intendPause' },
        stop: { actions: 'intendStop' },
      },
      states: {
        asking: {
          description: 'The agent is asked to interrupt its turn.',
          entry: 'ask',
          after: { grace: 'terminating' },
        },
        terminating: {
          description: 'Its process tree is told to end (SIGTERM).',
          entry: 'terminate',
          after: { grace: 'killing' },
        },
        killing: {
          description: 'It is killed (SIGKILL), until nothing of it is left.',
          entry: 'kill',
          after: { grace: { target: 'killing', reenter: true } },
        },
      },
    },
    treeWork: {
      description: "The engine works on the session's tree, step by step. No agent does.",
      tags: 'live',
      initial: 'settingUp',
      on: {
        'step.failed': [
          { guard: 'forStop', target: 'settled.stopped' },
          {
            guard: 'moved',
            target: 'parked.paused',
            actions: ['noteError', 'announceBlocked', 'reportBlocked'],
            description: 'What is there is not what the engine left. Nothing is overwritten.',
          },
          { guard: 'pauseProvoked', target: 'parked.paused' },
          {
            guard: 'retryable',
            target: 'parked.retrying',
            actions: ['noteError', 'planRetry', 'announceRetry'],
            description: 'The same step again, not the work of the agent.',
          },
          { target: 'settled.failed', actions: 'noteError' },
        ],
        pause: {
          guard: 'mayIntendPause',
          actions: 'intendPause',
          description: 'A short step is taken to its end.',
        },
        stop: { actions: 'intendStop' },
        timeout: {},
      },
      states: {
        settingUp: {
          description: 'Makes the tree, or makes it again, and runs the commands that prepare it.',
          entry: [
            { type: 'show', params: { status: 'preparing' } },
            { type: 'startStep', params: { step: 'settingUp' } },
          ],
          on: {
            'step.done': [{ guard: 'prepared', target: '#session.live' }, { target: '#session.preparing' }],
            pause: { target: 'ending', actions: 'intendPause' },
            stop: { target: 'ending', actions: 'intendStop' },
          },
        },
        saving: {
          description: 'What the agent did becomes a commit.',
          entry: [
            { type: 'show', params: { status: 'saving' } },
            { type: 'startStep', params: { step: 'saving' } },
          ],
          on: {
            'step.done': [
              { guard: 'savingIsLast', target: '#session.settled.completed' },
              { guard: 'forStop', target: '#session.settled.stopped' },
              { guard: 'forPause', target: '#session.parked.paused', actions: 'noteStepTaken' },
              { guard: 'verifies', target: 'verifying', actions: 'noteStepTaken' },
              { target: 'integrating', actions: 'noteStepTaken' },
            ],
            'step.red': [
              { guard: 'forStop', target: '#session.settled.stopped' },
              { guard: 'pausedToCorrect', target: '#session.parked.paused', actions: 'noteCorrection' },
              {
                guard: 'correctionsLeft',
                target: '#session.parked.retrying',
                actions: ['noteCorrection', 'planNow', 'announceRetry'],
                description: 'A conflict that it was given is not resolved.',
              },
              { target: '#session.settled.failed', actions: 'noteError' },
            ],
          },
        },
        verifying: {
          description: 'Its checks run.',
          entry: [
            { type: 'show', params: { status: 'verifying' } },
            { type: 'startStep', params: { step: 'verifying' } },
          ],
          on: {
            'step.done': [
              { guard: 'integrates', target: 'integrating', actions: 'noteStepTaken' },
              { target: '#session.settled.completed' },
            ],
            'step.red': [
              {
                guard: 'correctionsLeft',
                target: '#session.parked.retrying',
                actions: ['noteCorrection', 'planNow', 'announceRetry'],
                description: 'The same conversation is told what has failed.',
              },
              { target: '#session.settled.failed', actions: 'noteError' },
            ],
            'step.changed': [
              { guard: 'changedByChecks', target: '#session.settled.failed', actions: 'noteUnsteadyChecks' },
              {
                target: 'saving',
                actions: 'noteChange',
                description: 'What was checked is not what was saved: saved and checked once more.',
              },
            ],
            pause: { target: 'ending', actions: 'intendPause' },
            stop: { target: 'ending', actions: 'intendStop' },
          },
        },
        integrating: {
          description: 'Its commit is merged with what the others have merged before it.',
          entry: { type: 'show', params: { status: 'integrating' } },
          initial: 'waiting',
          states: {
            waiting: {
              description: 'Until it is its turn in its repository. The group grants it.',
              entry: 'wantMerge',
              on: {
                'merge.granted': { target: 'merging' },
                pause: { target: '#session.parked.paused' },
                stop: { target: '#session.settled.stopped' },
              },
            },
            merging: {
              description: 'What the others have merged comes into its tree.',
              entry: { type: 'startStep', params: { step: 'merging' } },
              on: {
                'step.done': [
                  { guard: 'forStop', target: '#session.settled.stopped' },
                  { guard: 'forPause', target: '#session.parked.paused' },
                  { guard: 'mergeToVerify', target: 'checking' },
                  { target: 'advancing' },
                ],
                'step.conflict': [
                  { guard: 'forStop', target: '#session.settled.stopped' },
                  { guard: 'forPause', target: '#session.parked.paused' },
                  {
                    guard: 'resolves',
                    target: '#session.parked.retrying',
                    actions: ['noteCorrection', 'planNow', 'announceRetry'],
                    description: 'The conversation that made the change resolves the conflict.',
                  },
                  {
                    target: '#session.parked.paused',
                    actions: ['noteError', 'announceBlocked', 'reportBlocked'],
                  },
                ],
              },
            },
            checking: {
              description: 'Its checks run again, on what has been merged.',
              entry: { type: 'startStep', params: { step: 'checking' } },
              on: {
                'step.done': { target: 'advancing' },
                'step.red': [
                  {
                    guard: 'correctionsLeft',
                    target: '#session.parked.retrying',
                    actions: ['noteCorrection', 'planNow', 'announceRetry'],
                  },
                  { target: '#session.settled.failed', actions: 'noteError' },
                ],
                'step.changed': [
                  {
                    guard: 'changedByChecks',
                    target: '#session.settled.failed',
                    actions: 'noteUnsteadyChecks',
                  },
                  { target: '#session.treeWork.saving', actions: 'noteChange' },
                ],
                pause: { target: '#session.treeWork.ending', actions: 'intendPause' },
                stop: { target: '#session.treeWork.ending', actions: 'intendStop' },
              },
            },
            advancing: {
              description: "The group's branch moves to its commit.",
              entry: { type: 'startStep', params: { step: 'advancing' } },
              on: {
                'step.done': { target: '#session.settled.completed' },
                'step.moved': [
                  { guard: 'forStop', target: '#session.settled.stopped' },
                  { guard: 'forPause', target: '#session.parked.paused' },
                  { target: 'waiting' },
                ],
              },
            },
          },
        },
        ending: {
          description: 'Its commands are being ended, for a stop or a pause. The step is taken again later.',
          entry: [{ type: 'show', params: { status: 'interrupting' } }, 'cutOff'],
          on: {
            'step.*': [
              { guard: 'forStop', target: '#session.settled.stopped' },
              { target: '#session.parked.paused' },
            ],
            pause: {},
          },
        },
      },
    },
    parked: {
      description:
        'In play without a slot and without an attempt. All lead through `queued`, past slot, budget and quota.',
      initial: 'queued',
      on: {
        pause: { target: '.paused' },
        stop: { target: 'settled.stopped' },
      },
      states: {
        retrying: {
          description: 'Waits before the next attempt after a failure.',
          entry: [{ type: 'show', params: { status: 'retrying' } }, 'yieldForRetry'],
          after: { untilDeadline: 'queued' },
        },
        continuing: {
          description: 'Its agent was done, and messages wait for it.',
          entry: 'yieldToContinue',
          always: { target: 'queued' },
        },
        quotaWait: {
          description: "Waits for the account's limit to be reset.",
          entry: [{ type: 'show', params: { status: 'quota_wait' } }, 'yieldForQuota'],
          after: { untilDeadline: 'queued' },
        },
        queued: {
          description: 'Waits for a slot. The group grants it.',
          entry: [{ type: 'show', params: { status: 'pending' } }, 'wantSlot'],
          on: { 'slot.granted': { target: '#session.admitted', actions: 'forgetIntent' } },
        },
        paused: {
          description: 'Until it is resumed: by itself where a person holds it, else with the group.',
          entry: [{ type: 'show', params: { status: 'paused' } }, 'yieldSlot'],
          on: { resume: { target: 'queued' }, pause: {} },
        },
      },
    },
    settled: {
      description:
        'It has ended and has told the group, which stops this actor. Only a retry leaves it (I4).',
      tags: 'settled',
      initial: 'completed',
      states: {
        completed: {
          description: 'The agent says that it is done, and nothing forbids it.',
          entry: [
            { type: 'show', params: { status: 'completed' } },
            { type: 'report', params: { outcome: 'completed' } },
          ],
        },
        failed: {
          description: 'Another attempt would not help, or there is none left.',
          entry: [
            { type: 'show', params: { status: 'failed' } },
            { type: 'report', params: { outcome: 'failed' } },
          ],
        },
        stopped: {
          description: 'By a stop of the group.',
          entry: [
            { type: 'show', params: { status: 'stopped' } },
            { type: 'report', params: { outcome: 'stopped' } },
          ],
        },
      },
    },
    gone: {
      description: "The group's actor has been stopped: nothing of this one is left either.",
      type: 'final',
    },
  },
});
