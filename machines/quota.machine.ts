import { sendParent, setup } from 'xstate';
import type { GroupMachineEvent, QuotaPort } from './contract.ts';

export type QuotaMachineEvent = { readonly type: 'quota.limited' } | { readonly type: 'group.left' };

/** Describes the accounts' gate, which the host closes first; says when it opens again. */
export const quotaMachine = setup({
  types: {
    context: {} as { readonly quota: QuotaPort; readonly now: () => number },
    events: {} as QuotaMachineEvent,
    input: {} as { readonly quota: QuotaPort; readonly now: () => number },
  },
  guards: {
    quotaClosed: ({ context }) => context.quota.closedUntil !== undefined,
    tooLong: ({ context }) => context.quota.tooLong,
  },
  delays: {
    /** A moment later: sessions that are parked until then ask first, as they go before those that never started. */
    untilReset: ({ context }) => Math.max(0, (context.quota.closedUntil ?? 0) - context.now()) + 1,
  },
  actions: {
    reportTooLong: sendParent((): GroupMachineEvent => ({ type: 'quota.tooLong' })),
    reportOpen: sendParent((): GroupMachineEvent => ({ type: 'quota.opened' })),
  },
}).createMachine({
  id: 'quota',
  context: ({ input }) => input,
  initial: 'judging',
  on: { 'group.left': '.asleep' },
  states: {
    judging: {
      description: 'Looks at the gate.',
      always: [{ guard: 'quotaClosed', target: 'limited' }, { target: 'open' }],
    },
    open: {
      description: 'All accounts are open.',
      on: {
        'quota.limited': [
          { guard: 'tooLong', target: 'limited', actions: 'reportTooLong' },
          { target: 'limited' },
        ],
      },
    },
    limited: {
      description: 'At least one account is closed; waits until the next one opens.',
      after: { untilReset: { target: 'judging', actions: 'reportOpen' } },
      on: {
        'quota.limited': [
          { guard: 'tooLong', target: 'limited', reenter: true, actions: 'reportTooLong' },
          { target: 'limited', reenter: true },
        ],
      },
    },
    asleep: {
      description: 'The group is paused or settled: no timer of this machine outlives it.',
      on: {
        'quota.limited': [
          { guard: 'tooLong', target: 'limited', actions: 'reportTooLong' },
          { target: 'judging' },
        ],
      },
    },
  },
});
