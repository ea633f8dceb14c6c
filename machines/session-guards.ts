import type { SessionContext, SessionMachineEvent } from './contract.ts';
import {
  correctionOf,
  isRetryable,
  MOST_LOSSES,
  NO_CORRECTIONS,
  UNAVAILABLE_ERROR_CODES,
} from './vocabulary.ts';

/** The session chart's guards: pure, named. */

interface SessionArgs {
  readonly context: SessionContext;
  readonly event: SessionMachineEvent;
}

/** Its attempt was started by another engine. */
export const adopted = ({ context }: SessionArgs) => context.adopted === true;
/** It was lost with its worker: nobody's failure, unless that happens again and again. */
export const lossesLeft = ({ context: { losses = 0 }, event }: SessionArgs) =>
  event.type === 'agent.lost' && (event.returned === true || losses < MOST_LOSSES);
export const prepared = ({ context }: SessionArgs) => context.prepared;

/**
 * Whether another attempt may help, and one is left. The watchdog's error counts more than what the agent said while it
 * was being ended, unless it could not be ended: another attempt might not be the only one (I1). An attempt without a word
 * of why it ended counts as a lost process.
 */
export const retryable = ({ context, event }: SessionArgs) => {
  const { retry, failures, intent, error } = context;
  const said = event.type === 'agent.failed' || event.type === 'step.failed' ? event.error : undefined;
  const last = said && (intent !== 'timeout' || said.code === 'agent_misbehaved') ? said : error;
  const code = last?.code ?? 'process_lost';
  return (
    isRetryable(code) && !retry.nonRetryableErrorTypes.includes(code) && failures + 1 < retry.maximumAttempts
  );
};
/** Done without a word: it is asked to go on in the same conversation, once, whatever `maximumAttempts` says. */
export const mayBeAskedToGoOn = ({ context, event }: SessionArgs) =>
  event.type === 'agent.failed' &&
  event.error.code === 'empty_result' &&
  context.askedToGoOn !== true &&
  !context.retry.nonRetryableErrorTypes.includes('empty_result');
export const stepPending = ({ context }: SessionArgs) => context.step !== undefined;
const isNext =
  (step: SessionContext['step']) =>
  ({ context }: SessionArgs) =>
    context.step === step;
export const savingIsNext = isNext('saving');
export const verifyingIsNext = isNext('verifying');
export const ownTree = ({ context }: SessionArgs) => context.tree?.own === true;
export const verifies = ({ context }: SessionArgs) => context.tree?.verifies === true;
export const integrates = ({ context }: SessionArgs) => context.tree?.integrates === true;
/** What was merged before has changed the tree, and that is to be checked. */
export const mergeToVerify = ({ context, event }: SessionArgs) =>
  event.type === 'step.done' && event.differs === true && context.tree?.verifiesMerge === true;
/** Its conversation may be told once more of what is wrong. Checks that fail leave as many for conflicts. */
export const correctionsLeft = ({ context: { tree, corrected = NO_CORRECTIONS }, event }: SessionArgs) => {
  const of = 'error' in event && event.error !== undefined ? correctionOf(event.error.code) : undefined;
  return of !== undefined && tree !== undefined && corrected[of] < tree.corrections[of];
};
/** A conflict goes to the conversation that made the change. */
export const resolves = (args: SessionArgs) => args.context.tree?.resolves === true && correctionsLeft(args);
export const savingIsLast = ({ context: { tree } }: SessionArgs) => !tree?.verifies && !tree?.integrates;
/** It was done before it was interrupted, and nothing has checked that yet. */
export const stopUnverified = (args: SessionArgs) => verifies(args) && forStop(args);
export const pauseUnverified = (args: SessionArgs) => verifies(args) && forPause(args);
/** Its conversation is told when the group goes on. */
export const pausedToCorrect = (args: SessionArgs) => forPause(args) && correctionsLeft(args);
export const mayIntendPause = ({ context }: SessionArgs) => context.intent !== 'stop';
export const changedByChecks = ({ context }: SessionArgs) => context.changedByChecks;
/** What is there is not what the engine left: only a person can say what is right. */
export const moved = ({ event }: SessionArgs) =>
  event.type === 'step.failed' && event.error.code === 'workspace_moved';
export const cappedByGroup = ({ event }: SessionArgs) =>
  event.type === 'agent.failed' && event.cappedByGroup === true;
/**
 * The login has expired or the credit is used up, for every session of the account: no failure of this one. The
 * watchdog's error counts more than what the agent said while it was being ended.
 */
export const accountUnavailable = ({ context, event }: SessionArgs) =>
  event.type === 'agent.failed' &&
  UNAVAILABLE_ERROR_CODES.includes(event.error.code) &&
  !context.ownLogin &&
  context.intent !== 'timeout';
export const deniedWork = ({ context, event }: SessionArgs) =>
  context.failOnDenial && event.type === 'agent.done' && event.denials > 0;
/** Its agent is done, and messages have come since it could last take one. */
export const messagesWait = ({ event }: SessionArgs) =>
  event.type === 'agent.done' && (event.waiting ?? 0) > 0;
export const pausedToGoOn = (args: SessionArgs) => messagesWait(args) && forPause(args);
export const timedOutToGoOn = (args: SessionArgs) => messagesWait(args) && forTimeout(args);
export const answersRequest = ({ context, event }: SessionArgs) =>
  'requestId' in event && event.requestId === context.requestId;
export const forStop = ({ context }: SessionArgs) => context.intent === 'stop';
export const forPause = ({ context }: SessionArgs) => context.intent === 'pause';
export const forTimeout = ({ context }: SessionArgs) => context.intent === 'timeout';
/** A failure that a pause provoked, or that a retry would have mended: the session can continue later. */
export const pauseProvoked = (args: SessionArgs) =>
  forPause(args) &&
  (args.event.type === 'agent.failed' || args.event.type === 'step.failed') &&
  (isRetryable(args.event.error.code) || cappedByGroup(args) || mayBeAskedToGoOn(args));
