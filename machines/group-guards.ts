import type { GroupMachineEvent, RosterPort } from './contract.ts';

/** The group chart's guards: pure and named, and they read counters; none of them scans the sessions. */

interface GroupArgs {
  readonly context: { readonly roster: RosterPort };
  readonly event: GroupMachineEvent;
}

export const wasPaused = ({ context }: GroupArgs) => context.roster.restored === 'paused';
export const wasStopped = ({ context }: GroupArgs) => context.roster.restored === 'stopped';
export const wasCompleted = ({ context }: GroupArgs) => context.roster.restored === 'completed';
export const wasFailed = ({ context }: GroupArgs) => context.roster.restored === 'failed';

export const allSettled = ({ context }: GroupArgs) => context.roster.left === 0;
export const succeeded = ({ context }: GroupArgs) => context.roster.left === 0 && context.roster.bad === 0;
export const noLiveSession = ({ context }: GroupArgs) => context.roster.live === 0;
export const noneInPlay = ({ context }: GroupArgs) => context.roster.inPlay === 0;
export const slotFree = ({ context }: GroupArgs) => context.roster.live < context.roster.maxConcurrent;
export const tooManyErrorsPause = ({ context }: GroupArgs) =>
  context.roster.tooManyErrors && context.roster.pauseOnError;
export const tooManyErrorsStop = ({ context }: GroupArgs) =>
  context.roster.tooManyErrors && !context.roster.pauseOnError;
export const onlyHeldLeft = ({ context }: GroupArgs) => context.roster.onlyHeldLeft;

/** At the limit counts as over it: nothing more may start (I9). */
export const overBudget = ({ context }: GroupArgs) => {
  const { action, usedMicroUsd, limitMicroUsd } = context.roster.budget;
  return action !== 'warn' && usedMicroUsd >= limitMicroUsd;
};
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
/** A session's chart has thrown; the ids of all other children begin with `#`. */
export const fromSession = ({ event }: GroupArgs) => 'actorId' in event && !event.actorId.startsWith('#');
