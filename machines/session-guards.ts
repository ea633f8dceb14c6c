import type { SessionContext, SessionMachineEvent } from './contract.ts';
import { isRetryable, UNAVAILABLE_ERROR_CODES } from './vocabulary.ts';

/** The session chart's guards: pure, named. */

interface SessionArgs {
  readonly context: SessionContext;
  readonly event: SessionMachineEvent;
}

export const prepared = ({ context }: SessionArgs) => context.prepared;

/**
 * Whether another attempt may help, and one is left. The watchdog's error counts more than what the agent said while it
 * was being ended, unless it could not be ended: another attempt might not be the only one (I1). An attempt without a word
 * of why it ended counts as a lost process.
 */
export const retryable = ({ context, event }: SessionArgs) => {
  const { retry, failures, intent, error } = context;
  const said = event.type === 'agent.failed' ? event.error : undefined;
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
export const answersRequest = ({ context, event }: SessionArgs) =>
  'requestId' in event && event.requestId === context.requestId;
export const forStop = ({ context }: SessionArgs) => context.intent === 'stop';
export const forPause = ({ context }: SessionArgs) => context.intent === 'pause';
export const forTimeout = ({ context }: SessionArgs) => context.intent === 'timeout';
/** A failure that a pause provoked, or that a retry would have mended: the session can continue later. */
export const pauseProvoked = (args: SessionArgs) =>
  forPause(args) &&
  args.event.type === 'agent.failed' &&
  (isRetryable(args.event.error.code) || cappedByGroup(args) || mayBeAskedToGoOn(args));
