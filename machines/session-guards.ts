import type { SessionContext, SessionMachineEvent } from './contract.ts';
import { type ErrorCode, RETRYABLE_ERROR_CODES } from './vocabulary.ts';

/** The session chart's guards: pure, named. */

const RETRYABLE: ReadonlySet<string> = new Set(RETRYABLE_ERROR_CODES);

/** Whether another attempt may help, by the class of the failure alone. */
export const isRetryable = (code: ErrorCode): boolean => RETRYABLE.has(code);

interface SessionArgs {
  readonly context: SessionContext;
  readonly event: SessionMachineEvent;
}

const errorOf = ({ context, event }: SessionArgs) =>
  event.type === 'agent.failed' || event.type === 'timeout' ? event.error : context.error;

export const prepared = ({ context }: SessionArgs) => context.prepared;

/** An attempt without a word of why it ended counts as a lost process. */
export const retryable = (args: SessionArgs) => {
  const { retry, failures, intent } = args.context;
  const code = (intent === 'timeout' ? args.context.error : errorOf(args))?.code ?? 'process_lost';
  return (
    isRetryable(code) && !retry.nonRetryableErrorTypes.includes(code) && failures + 1 < retry.maximumAttempts
  );
};
export const deniedWork = ({ context, event }: SessionArgs) =>
  context.failOnDenial && event.type === 'agent.done' && event.denials > 0;
export const answersRequest = ({ context, event }: SessionArgs) =>
  'requestId' in event && event.requestId === context.requestId;
export const forStop = ({ context }: SessionArgs) => context.intent === 'stop';
export const forPause = ({ context }: SessionArgs) => context.intent === 'pause';
export const forTimeout = ({ context }: SessionArgs) => context.intent === 'timeout';
/** A failure that a pause provoked, or one that a retry would have mended: the session can go on later. */
export const forPauseRetryable = (args: SessionArgs) =>
  forPause(args) && args.event.type === 'agent.failed' && isRetryable(args.event.error.code);
