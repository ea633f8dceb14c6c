import { sessionSetup } from './session.setup.ts';

/**
 * The part of a session's chart in which the engine works on the session's tree. Each state starts one step, which its host
 * answers with exactly one `step.…` event, once none of its processes is left.
 */
export const treeWork = sessionSetup.createStateConfig({
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
});
