import { sendParent, setup } from 'xstate';
import type { GroupMachineEvent, QuotaPort } from './contract.ts';

/** Events of the quota's chart. */
export type QuotaMachineEvent =
  /** An account was closed, by this group or by another. */
  | { readonly type: 'quota.limited' }
  /** The group runs; it is paused or has settled. */
  | { readonly type: 'group.running' | 'group.left' };

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
  initial: 'asleep',
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
      description: 'The group does not run: it has no timer, whoever closes an account meanwhile.',
      on: {
        'group.running': [
          { guard: 'tooLong', target: 'limited', actions: 'reportTooLong' },
          { target: 'judging' },
        ],
      },
    },
  },
});
