import { isSpent as isBudgetSpent } from './budget-guards.ts';
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
/** Its engine died in this state. */
export const wasPausing = ({ context }: GroupArgs) => context.roster.restored === 'pausing';
/** Attempts that another engine started may live on elsewhere. */
export const agentsLeft = ({ context }: GroupArgs) => context.roster.adoptable > 0;
export const wasPausingWithAgents = (args: GroupArgs) => wasPausing(args) && agentsLeft(args);
export const wasRunning = ({ context }: GroupArgs) =>
  context.roster.restored === 'running' || context.roster.restored === 'delivering';
export const wasStopping = ({ context }: GroupArgs) => context.roster.restored === 'stopping';

/** What a request to deliver depends on. */
interface DeliveryArgs {
  readonly context: {
    readonly roster: Pick<
      RosterPort,
      'unsettled' | 'unwritten' | 'unsuccessful' | 'delivering' | 'somethingMerged' | 'namesBranch'
    >;
  };
  readonly event: GroupMachineEvent;
}

/** What has settled lets the session start. */
export const dependencySatisfied = ({ context, event }: GroupArgs) =>
  event.type === 'dependency.settled' && context.roster.dependenciesSatisfied(event.id);
/** What has settled keeps the session from ever starting. */
export const dependencyViolated = ({ context, event }: GroupArgs) =>
  event.type === 'dependency.settled' && context.roster.dependenciesViolated(event.id);
/** Eventless transitions run before raised events: nothing is concluded before all that has settled is judged. */
const isJudged = ({ undecided }: RosterPort) => undecided === 0;

/** All that has settled has been judged. */
export const allJudged = ({ context }: GroupArgs) => isJudged(context.roster);

/** A group has not ended before the journal says so. */
const noneUnsettled = ({
  unsettled,
  unwritten,
  delivering,
}: Pick<RosterPort, 'unsettled' | 'unwritten' | 'delivering'>) =>
  unsettled === 0 && !unwritten && !delivering;
const allCompleted = (roster: DeliveryArgs['context']['roster']) =>
  noneUnsettled(roster) && roster.unsuccessful === 0;
/**
 * What its sessions did has still to be delivered: it has neither succeeded nor failed. One that has failed delivers only
 * when it is asked to.
 */
export const deliverable = ({ context: { roster } }: GroupArgs) =>
  (allCompleted(roster) || (noneUnsettled(roster) && roster.settledBefore !== undefined)) &&
  roster.deliveryPending;
/** Its delivery was asked for after it had settled. */
export const deliversSettled = ({ context: { roster } }: GroupArgs) => roster.settledBefore !== undefined;
/** And that has come to its end, whichever. */
export const deliveredSettled = (args: GroupArgs) =>
  deliversSettled(args) && noneUnsettled(args.context.roster) && !args.context.roster.deliveryPending;
export const hadCompleted = ({ context: { roster } }: GroupArgs) => roster.settledBefore === 'completed';
export const wasStoppedBefore = ({ context: { roster } }: GroupArgs) => roster.settledBefore === 'stopped';
export const unfinished = ({ context: { roster } }: DeliveryArgs) => !allCompleted(roster);
export const somethingMerged = ({ context: { roster } }: DeliveryArgs) => roster.somethingMerged;
/** Something has been merged, and the request or the definition says where it is to go. */
export const canDeliver = ({ context: { roster }, event }: DeliveryArgs) =>
  roster.somethingMerged && (roster.namesBranch || (event.type === 'integrate' && event.into !== undefined));
export const succeeded = ({ context: { roster } }: GroupArgs) =>
  allCompleted(roster) && !roster.deliveryPending;
export const allSettled = (args: GroupArgs) => noneUnsettled(args.context.roster) && !deliverable(args);
/** Its engine died after the last session had settled, while the group was pausing. */
export const wasPausingWhenDone = (args: GroupArgs) => wasPausing(args) && succeeded(args);
export const wasPausingWhenSettled = (args: GroupArgs) => wasPausing(args) && allSettled(args);
/** Neither a session nor a delivery. While what has settled is being written, it may still turn out to have ended. */
export const noneLive = ({ context: { roster } }: GroupArgs) =>
  roster.live === 0 && !roster.delivering && isJudged(roster) && !(roster.unsettled === 0 && roster.writing);
export const noneInPlay = ({ context: { roster } }: GroupArgs) => roster.inPlay === 0 && !roster.delivering;
const tooManyErrors = (roster: RosterPort) =>
  roster.unsettled > 0 && roster.tooManyErrors && isJudged(roster);
export const tooManyErrorsPause = ({ context }: GroupArgs) =>
  tooManyErrors(context.roster) && context.roster.pauseOnError;
export const tooManyErrorsStop = ({ context }: GroupArgs) =>
  tooManyErrors(context.roster) && !context.roster.pauseOnError;
export const onlyHeldLeft = ({ context: { roster } }: GroupArgs) => roster.onlyHeldLeft && isJudged(roster);

/** At the limit counts as over it: nothing more may start (I9). */
export const overBudget = ({ context }: GroupArgs) => isSpent(context.roster.budget);
/** Something is left that could spend, and it may not, under the limit that the request brings either. */
export const budgetStillExhausted = ({ context: { roster }, event }: GroupArgs) =>
  roster.unsettled > 0 && isSpent(roster.budget, 'limitMicroUsd' in event ? event.limitMicroUsd : undefined);
const isSpent = (budget: BudgetPort, newLimit?: number) =>
  budget.action !== 'warn' && isBudgetSpent(budget, newLimit);
export const canAdmit = (args: GroupArgs) => {
  const { roster } = args.context;
  return roster.ready > 0 && isJudged(roster) && roster.live < roster.maxConcurrent && !overBudget(args);
};
/** The next to be admitted needs an actor. */
export const canStart = (args: GroupArgs) => canAdmit(args) && args.context.roster.nextIsFresh;

export const exceedPauses = ({ context }: GroupArgs) => context.roster.budget.action === 'pause';
export const exceedStops = ({ context }: GroupArgs) => context.roster.budget.action === 'stop';

/** It goes on at once, as soon as it has a slot again. */
export const toContinue = ({ event }: GroupArgs) =>
  event.type === 'session.yielded' && event.reason === 'continue';

export const byQuota = ({ event }: GroupArgs) => event.type === 'session.yielded' && event.reason === 'quota';
export const pausable = ({ context, event }: GroupArgs) =>
  event.type === 'session.pause' && context.roster.isPausable(event.id);
/** It has not started, or was in play before a crash: there is no actor to be told. */
export const pausableActorless = (args: GroupArgs) =>
  pausable(args) && args.event.type === 'session.pause' && !args.context.roster.hasActor(args.event.id);
export const resumable = ({ context, event }: GroupArgs) =>
  event.type === 'session.resume' && context.roster.isResumable(event.id);
export const resumableActorless = (args: GroupArgs) =>
  resumable(args) && args.event.type === 'session.resume' && !args.context.roster.hasActor(args.event.id);
export const awaitsAnswer = ({ context, event }: GroupArgs) =>
  event.type === 'approval.answer' && context.roster.awaitsAnswer(event.id, event.requestId);
export const takesMessage = ({ context, event }: GroupArgs) =>
  event.type === 'session.send' && context.roster.takesMessage(event.id);
export const somethingToRetry = ({ context, event }: GroupArgs) =>
  event.type === 'retry' && context.roster.retryable(event.sessions);
/** None that the new definition changes or takes away is at work, and none loses what it has done. */
export const redefinable = ({ context, event }: GroupArgs) =>
  event.type === 'definition.change' && context.roster.mayRedefine(event.change);
export const addsSessions = (args: GroupArgs) =>
  args.event.type === 'definition.change' && args.event.change.added.length > 0 && redefinable(args);
/** A session's chart has thrown; the ids of all other children begin with `#`. */
export const fromSession = ({ event }: GroupArgs) => 'actorId' in event && !event.actorId.startsWith('#');
