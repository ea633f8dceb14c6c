import type { BudgetPort, GroupMachineEvent, RosterPort } from './contract.ts';

/** The group chart's guards: pure and named, and they read counters; none of them scans the sessions. */

interface GroupArgs {
  readonly context: { readonly roster: RosterPort };
  readonly event: GroupMachineEvent;
}

export const wasPaused = ({ context }: GroupArgs) => context.roster.restored === 'paused';
export const wasStopped = ({ context }: GroupArgs) => context.roster.restored === 'stopped';
export const wasCompleted = ({ context }: GroupArgs) => context.roster.restored === 'completed';
export const wasFailed = ({ context }: GroupArgs) => context.roster.restored === 'failed';

/** A group has not ended before the journal says so. */
export const allSettled = ({ context }: GroupArgs) => context.roster.left === 0 && !context.roster.unwritten;
export const succeeded = (args: GroupArgs) => allSettled(args) && args.context.roster.bad === 0;
export const noLiveSession = ({ context }: GroupArgs) => context.roster.live === 0;
export const noneInPlay = ({ context }: GroupArgs) => context.roster.inPlay === 0;
export const slotFree = ({ context }: GroupArgs) => context.roster.live < context.roster.maxConcurrent;
const tooManyErrors = ({ left, tooManyErrors }: RosterPort) => left > 0 && tooManyErrors;
export const tooManyErrorsPause = ({ context }: GroupArgs) =>
  tooManyErrors(context.roster) && context.roster.pauseOnError;
export const tooManyErrorsStop = ({ context }: GroupArgs) =>
  tooManyErrors(context.roster) && !context.roster.pauseOnError;
export const onlyHeldLeft = ({ context }: GroupArgs) => context.roster.onlyHeldLeft;

/** At the limit counts as over it: nothing more may start (I9). */
export const overBudget = ({ context }: GroupArgs) => isSpent(context.roster.budget);
/** Something is left that could spend, and it may not, under the limit that the request brings either. */
export const cannotGoOn = ({ context: { roster }, event }: GroupArgs) =>
  roster.left > 0 && isSpent(roster.budget, 'limitMicroUsd' in event ? event.limitMicroUsd : undefined);
const isSpent = ({ action, usedMicroUsd, limitMicroUsd }: BudgetPort, newLimit = limitMicroUsd) =>
  action !== 'warn' && usedMicroUsd >= newLimit;
export const canAdmit = (args: GroupArgs) =>
  args.context.roster.ready > 0 && slotFree(args) && !overBudget(args);

export const exceedPauses = ({ context }: GroupArgs) => context.roster.budget.action === 'pause';
export const exceedStops = ({ context }: GroupArgs) => context.roster.budget.action === 'stop';

export const byQuota = ({ event }: GroupArgs) => event.type === 'session.yielded' && event.reason === 'quota';
export const pausable = ({ context, event }: GroupArgs) =>
  event.type === 'session.pause' && context.roster.isPausable(event.id);
export const resumable = ({ context, event }: GroupArgs) =>
  event.type === 'session.resume' && context.roster.isResumable(event.id);
export const awaitsAnswer = ({ context, event }: GroupArgs) =>
  event.type === 'approval.answer' && context.roster.awaitsAnswer(event.id, event.requestId);
export const somethingToRetry = ({ context, event }: GroupArgs) =>
  event.type === 'retry' && context.roster.retryable(event.sessions);
/** None that the new definition changes or takes away is at work, and none loses what it has done. */
export const redefinable = ({ context, event }: GroupArgs) =>
  event.type === 'definition.change' && context.roster.mayRedefine(event.change);
export const addsSessions = (args: GroupArgs) =>
  args.event.type === 'definition.change' && args.event.change.added.length > 0 && redefinable(args);
/** A session's chart has thrown; the ids of all other children begin with `#`. */
export const fromSession = ({ event }: GroupArgs) => 'actorId' in event && !event.actorId.startsWith('#');
