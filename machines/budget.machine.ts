import { assign, sendParent, setup } from 'xstate';
import type { BudgetPort, GroupMachineEvent } from './contract.ts';
import { notProvided } from './not-provided.ts';

export type BudgetMachineEvent =
  | { readonly type: 'budget.warning' }
  | { readonly type: 'budget.exceeded' }
  | { readonly type: 'budget.change'; readonly limitMicroUsd: number; readonly request?: string };

export interface BudgetContext {
  readonly budget: BudgetPort;
  readonly r: number;
}

/**
 * Where the group's spend stands against its limit. The host compares the totals in the turn in which usage
 * arrives and sends an event only when a threshold is crossed; each limit warns once.
 */
export const budgetMachine = setup({
  types: {
    context: {} as BudgetContext,
    events: {} as BudgetMachineEvent,
    input: {} as { readonly budget: BudgetPort },
  },
  guards: {
    overLimit: ({ context: { budget } }) => budget.usedMicroUsd >= budget.limitMicroUsd,
    nearLimit: ({ context: { budget } }) => budget.usedMicroUsd >= budget.warnAtMicroUsd,
  },
  actions: {
    journalWarning: notProvided('journalWarning'),
    journalExceeded: notProvided('journalExceeded'),
    journalChange: notProvided('journalChange'),
    setLimit: assign(({ context, event }) => {
      if (event.type === 'budget.change') context.budget.setLimit(event.limitMicroUsd);
      return { r: context.r + 1 };
    }),
    reportExceeded: sendParent((): GroupMachineEvent => ({ type: 'budget.exceeded' })),
    reportChange: sendParent((): GroupMachineEvent => ({ type: 'budget.changed' })),
  },
}).createMachine({
  id: 'budget',
  context: ({ input }) => ({ budget: input.budget, r: 0 }),
  initial: 'judging',
  on: {
    'budget.change': { target: '.rejudging', actions: ['setLimit', 'journalChange', 'reportChange'] },
  },
  states: {
    judging: {
      always: [
        { guard: 'overLimit', target: 'exceeded' },
        { guard: 'nearLimit', target: 'warned' },
        { target: 'within' },
      ],
    },
    /** Under a new limit: one that is spent already is announced as if it had been crossed. */
    rejudging: {
      always: [
        { guard: 'overLimit', target: 'exceeded', actions: ['journalExceeded', 'reportExceeded'] },
        { guard: 'nearLimit', target: 'warned', actions: 'journalWarning' },
        { target: 'within' },
      ],
    },
    within: {
      on: {
        'budget.warning': { target: 'warned', actions: 'journalWarning' },
        'budget.exceeded': { target: 'exceeded', actions: ['journalExceeded', 'reportExceeded'] },
      },
    },
    warned: {
      on: { 'budget.exceeded': { target: 'exceeded', actions: ['journalExceeded', 'reportExceeded'] } },
    },
    /** Again, after a correction had brought the spend below the limit. */
    exceeded: { on: { 'budget.exceeded': { actions: ['journalExceeded', 'reportExceeded'] } } },
  },
});
