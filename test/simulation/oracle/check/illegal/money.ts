import { definition, session } from '../scene.ts';
import { type Illegal, limited, pair, running } from './illegal.ts';

/** I8, I9 and §6. */
export const MONEY: readonly Illegal[] = [
  ['I9', 'a starts without a cap, 1000000 are left', () => running(limited).start('a').next()],
  [
    'I9',
    'a may spend 2000000, and 1000000 are left',
    () => running(limited).start('a', { capUsd: 2 }).next(),
  ],
  [
    '§6',
    'a may spend no more than 500000, and 1000000 are left',
    () => running(limited).start('a', { capUsd: 0.5 }).next(),
  ],
  [
    'I9',
    'a may spend 600000, and 500000 are left',
    () =>
      running(definition({ sessions: [session('a', { limitMicroUsd: 500_000 })] }))
        .start('a', { capUsd: 0.6 })
        .next(),
  ],
  [
    'I8',
    'a cost 1000000 when it ended, and costs 500000',
    () => running(pair).start('a').spend('a', 1).done('a', 1).next().progress('a', 0.5).next(),
  ],
  [
    'I8',
    'a costs 2000000, and its agents have spent 1000000',
    () => running().start('a').spend('a', 1).next().progress('a', 2).next(),
  ],
  [
    'I8',
    'a costs 0, and its agents have told of 1000000',
    () => running().start('a').spend('a', 1).next().done('a', 0).next(),
  ],
  [
    'I8',
    'a costs 500000, and its agents have told of 1500000',
    () => {
      const scene = running().start('a').spend('a', 1).next().crash().agentEnd('a', 'killed').next().heir();
      scene.ask('resume').event('group_resumed').resume('a').spend('a', 0.5).next();
      return scene.done('a', 0.5).next();
    },
  ],
  [
    '§6',
    'budget_exceeded at 2000000, spent are 1000000',
    () =>
      running(limited)
        .start('a', { capUsd: 1 })
        .spend('a', 1)
        .event('budget_exceeded', { usageUsd: 2, limitUsd: 1, action: 'pause' })
        .next(),
  ],
  [
    '§6',
    'budget_warning without a limit',
    () => running().event('budget_warning', { usageUsd: 0, limitUsd: 1 }).next(),
  ],
  [
    '§6',
    'budget_exceeded at 500000 of 1000000',
    () =>
      running(limited)
        .start('a', { capUsd: 1 })
        .spend('a', 0.5)
        .event('budget_exceeded', { usageUsd: 0.5, limitUsd: 1, action: 'pause' })
        .next(),
  ],
  [
    '§6',
    'budget_warning comes twice for 1000000',
    () =>
      running({ ...limited, warningThreshold: 0.5 })
        .start('a', { capUsd: 1 })
        .spend('a', 0.5)
        .event('budget_warning', { usageUsd: 0.5, limitUsd: 1 })
        .event('budget_warning', { usageUsd: 0.5, limitUsd: 1 })
        .next(),
  ],
  [
    '§6',
    'budget_warning at 100000 of 1000000',
    () =>
      running({ ...limited, warningThreshold: 0.5 })
        .start('a', { capUsd: 1 })
        .spend('a', 0.1)
        .event('budget_warning', { usageUsd: 0.1, limitUsd: 1 })
        .next(),
  ],
  [
    'I9',
    'still running at 1000000 of 1000000',
    () => running(limited).start('a', { capUsd: 1 }).spend('a', 1).next(),
  ],
  [
    '§6',
    'no budget_exceeded at 1000000 of 1000000',
    () =>
      running({ ...limited, onBudgetExceeded: 'warn' })
        .start('a')
        .spend('a', 1)
        .next(),
  ],
  [
    '§6',
    'no budget_warning at 800000 of 1000000',
    () =>
      running({ ...limited, warningThreshold: 0.5 })
        .start('a', { capUsd: 1 })
        .spend('a', 0.8)
        .next(),
  ],
  [
    '§6 pause',
    'paused over its budget at 0 of 1000000',
    () => running(limited).pausing('budget_exceeded').next(),
  ],
  [
    '§6',
    'a fails at 100000 of no limit of its own',
    () =>
      running(pair)
        .start('a')
        .spend('a', 0.1)
        .agentEnd('a', 'failed', { code: 'session_budget' })
        .failed('a', 'session_budget', 0.1)
        .next(),
  ],
];
