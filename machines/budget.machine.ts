import { assertEvent, assign, sendParent, setup } from 'xstate';
import { isNearLimit, isOverByEstimate, isSpent, owesNews } from './budget-guards.ts';
import type { BudgetPort, GroupMachineEvent } from './contract.ts';
import { notProvided } from './not-provided.ts';

/** Events of the budget's chart. */
export type BudgetMachineEvent =
  | { readonly type: 'budget.warning' }
  /** It is at the limit, estimates included, or more of it has become certain since. */
  | { readonly type: 'budget.exceeded' }
  /** An engine goes on where another one has died. */
  | { readonly type: 'group.takenOver' }
  | { readonly type: 'budget.change'; readonly limitMicroUsd: number; readonly request?: string };

/** Context of the budget's chart. */
export interface BudgetContext {
  readonly budget: BudgetPort;
  readonly revision: number;
}

/**
 * Where the group's spend stands against its limit. The host compares the totals in the turn in which usage
 * arrives and sends an event only when a threshold is crossed; the guards decide what it means. Each limit warns once,
 * and once more if the spend is over it by an estimate only.
 */
export const budgetMachine = setup({
  types: {
    context: {} as BudgetContext,
    events: {} as BudgetMachineEvent,
    input: {} as { readonly budget: BudgetPort },
  },
  guards: {
    overLimit: ({ context: { budget } }) => isSpent(budget),
    overByEstimate: ({ context: { budget } }) => isOverByEstimate(budget),
    nearLimit: ({ context: { budget } }) => isNearLimit(budget),
    owesNews: ({ context: { budget } }) => owesNews(budget),
  },
  actions: {
    journalWarning: notProvided('journalWarning'),
    journalExceeded: notProvided('journalExceeded'),
    journalChange: notProvided('journalChange'),
    setLimit: assign(({ context, event }) => {
      assertEvent(event, 'budget.change');
      context.budget.setLimit(event.limitMicroUsd);
      return { revision: context.revision + 1 };
    }),
    reportExceeded: sendParent((): GroupMachineEvent => ({ type: 'budget.exceeded' })),
    reportChange: sendParent((): GroupMachineEvent => ({ type: 'budget.changed' })),
  },
}).createMachine({
  id: 'budget',
  context: ({ input }) => ({ budget: input.budget, revision: 0 }),
  initial: 'judging',
  on: {
    'budget.change': { target: '.rejudging', actions: ['setLimit', 'journalChange', 'reportChange'] },
  },
  states: {
    judging: {
      description: 'Where the spend stands at the start.',
      always: [
        { guard: 'owesNews', target: 'owing' },
        { guard: 'overLimit', target: 'exceeded' },
        { guard: 'overByEstimate', target: 'doubtful' },
        { guard: 'nearLimit', target: 'warned' },
        { target: 'within' },
      ],
    },
    owing: {
      description: 'A threshold was crossed, and the engine died before it was journalled.',
      on: {
        'group.takenOver': [
          { guard: 'overLimit', target: 'exceeded', actions: 'journalExceeded' },
          { guard: 'overByEstimate', target: 'doubtful', actions: 'journalWarning' },
          { target: 'warned', actions: 'journalWarning' },
        ],
        'budget.exceeded': [
          { guard: 'overLimit', target: 'exceeded', actions: ['journalExceeded', 'reportExceeded'] },
          { guard: 'overByEstimate', target: 'doubtful', actions: 'journalWarning' },
        ],
      },
    },
    rejudging: {
      description:
        'Under a new limit. One that is already spent is announced as if it had just been crossed.',
      always: [
        { guard: 'overLimit', target: 'exceeded', actions: ['journalExceeded', 'reportExceeded'] },
        { guard: 'overByEstimate', target: 'doubtful', actions: 'journalWarning' },
        { guard: 'nearLimit', target: 'warned', actions: 'journalWarning' },
        { target: 'within' },
      ],
    },
    within: {
      description: 'Below the threshold of the warning.',
      on: {
        'budget.warning': { target: 'warned', actions: 'journalWarning' },
        'budget.exceeded': [
          { guard: 'overLimit', target: 'exceeded', actions: ['journalExceeded', 'reportExceeded'] },
          { guard: 'overByEstimate', target: 'doubtful', actions: 'journalWarning' },
        ],
      },
    },
    warned: {
      description: 'Above the threshold of the warning, below the limit. Each limit warns once.',
      on: {
        'budget.exceeded': [
          { guard: 'overLimit', target: 'exceeded', actions: ['journalExceeded', 'reportExceeded'] },
          { guard: 'overByEstimate', target: 'doubtful', actions: 'journalWarning' },
        ],
      },
    },
    doubtful: {
      description:
        'Above the limit by an estimate of what no reply shows, while the certain part is not near it.',
      on: {
        'budget.exceeded': {
          guard: 'overLimit',
          target: 'exceeded',
          actions: ['journalExceeded', 'reportExceeded'],
        },
      },
    },
    exceeded: {
      description: 'At the limit or above it.',
      on: {
        'budget.exceeded': {
          guard: 'overLimit',
          actions: ['journalExceeded', 'reportExceeded'],
          description: 'Again, after a correction had brought the spend below the limit.',
        },
      },
    },
  },
});
