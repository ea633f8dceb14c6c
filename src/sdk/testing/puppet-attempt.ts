import type { ErrorCode } from '../../../machines/vocabulary.ts';
import { given } from '../given.ts';
import { deferred } from '../process/deferred.ts';
import type {
  AgentEvent,
  Attempt,
  AttemptEnd,
  AttemptMessage,
  AttemptSpec,
  UsageReport,
} from '../session/agent.ts';
import { HeldEvents } from '../session/attempt-sink.ts';
import { NO_TOKENS, type PermissionDenial, type Tokens } from '../session/usage.ts';

/** What a person said to a permission request of an attempt. */
export interface PermissionAnswer {
  readonly decision: 'allow' | 'deny';
  /** Why it is denied; or, of a question that is allowed, the answer to it. */
  readonly message?: string;
  /** Of questions that are allowed: what answers each, in their order. */
  readonly answers?: readonly string[];
}

/** One reply's usage. Everything has a default: a new message, the attempt's model, no tokens, final. */
export interface PuppetUsage extends Partial<Omit<UsageReport, 'tokens'>> {
  readonly tokens?: Partial<Tokens>;
  readonly final?: boolean;
}

/**
 * An attempt that a test drives by hand: it reports only what the test says, and ends only when it says so, or when it
 * is interrupted. What is said right after the start is reported with the next turn of the event loop. After the end,
 * each of its verbs throws.
 */
export interface PuppetAttempt {
  readonly sessionId: string;
  /** What the engine started it with: prompt, environment, folder, conversation, cap. */
  readonly spec: AttemptSpec;
  /** False once it has ended. */
  readonly live: boolean;
  /** Resolves once the engine has asked it to end, by whichever of `interrupt`, `terminate` and `kill`. */
  readonly interrupted: Promise<void>;
  /** Resolves with how it ended. */
  readonly ended: Promise<AttemptEnd>;
  /** Its conversation exists from now on. By default the puppet says so by itself, as its first report. */
  begins(started?: Partial<Omit<Extract<AgentEvent, { type: 'started' }>, 'type'>>): void;
  /** Reports a message of the agent. */
  says(text: string): void;
  /** Reports a call of a tool, from its start to its end. */
  usesTool(
    tool: string,
    options?: { readonly isError?: boolean; readonly input?: Readonly<Record<string, unknown>> },
  ): void;
  /** Spends this much more, in USD: reported as the attempt's own total so far. */
  costs(usd: number): void;
  /** Reports the usage of one reply, by which the engine estimates the cost until the agent's own figure arrives. */
  usage(report: PuppetUsage): void;
  /** Asks for a permission; resolves with the answer, or with undefined if the attempt ends before there is one. */
  asks(tool: string, input?: Record<string, unknown>): Promise<PermissionAnswer | undefined>;
  /** The messages that were sent to it, whether it has taken them or not, in their order. */
  readonly messages: readonly AttemptMessage[];
  /** Its conversation has the message. Default: the first that it has not taken. By default it takes each by itself. */
  takes(messageId?: string): void;
  /** Ends as done. Default: an empty result, which the engine doesn't take for a success of a model agent. */
  completes(result?: string, output?: unknown): void;
  /** Ends with a failure; its code decides whether the session is tried again. */
  fails(code: ErrorCode, message?: string): void;
  /** Ends at a usage limit of the account. @param until when it resets, in epoch milliseconds; absent: unknown. */
  isLimited(until?: number): void;
  /** Ends as interrupted: for a puppet that ignores interrupts, once the test has seen one. */
  yields(): void;
  /** Reports any event of the port, as it is. */
  emits(event: AgentEvent): void;
}

/** What the engine holds of an attempt, and what the test does. */
export interface PuppetStrings {
  readonly attempt: PuppetAttempt;
  readonly engine: Attempt;
}

/** Starts an attempt; `onEnd` is called before the engine hears of its end. */
export function puppetAttempt(
  spec: AttemptSpec,
  sink: (event: AgentEvent) => void,
  options: { readonly ignoresInterrupt: boolean; readonly takes: boolean; readonly begins: boolean },
  onEnd: () => void,
): PuppetStrings {
  const events = new HeldEvents(sink);
  const interrupted = deferred<void>();
  const ended = deferred<AttemptEnd>();
  const requests = new Map<string, (answer: PermissionAnswer | undefined) => void>();
  const denials: PermissionDenial[] = [];
  const messages: AttemptMessage[] = [];
  const taken = new Set<string>();
  let end: AttemptEnd | undefined;
  let begun = !options.begins;
  let spentUsd = 0;
  let ids = 0;

  const emit = (event: AgentEvent): void => {
    if (end) throw new Error(`attempt ${spec.attempt} of ${spec.sessionId} has ended (${end.outcome})`);
    if (event.type === 'started') begun = true;
    if (!begun) attempt.begins();
    if (event.type !== 'ended') {
      events.emit(event);
      return;
    }
    end = event.end;
    onEnd();
    for (const answered of requests.values()) answered(undefined);
    ended.resolve(end);
    events.emit(event);
  };
  const ends = (how: AttemptEnd): void => emit({ type: 'ended', end: how });
  /** Unique in the group. */
  const newId = (kind: string): string => `${spec.sessionId}-${kind}-${spec.attempt}-${++ids}`;

  const attempt: PuppetAttempt = {
    sessionId: spec.sessionId,
    spec,
    get live() {
      return end === undefined;
    },
    interrupted: interrupted.promise,
    ended: ended.promise,
    begins: started =>
      emit({
        type: 'started',
        conversationId: spec.conversation.id,
        model: spec.model ?? 'puppet',
        ...started,
      }),
    says: text => emit({ type: 'message', role: 'assistant', text }),
    usesTool(tool, { isError = false, input } = {}) {
      const toolUseId = newId('tool');
      emit({ type: 'tool_started', toolUseId, tool, ...(input && { input }) });
      emit({ type: 'tool_finished', toolUseId, isError });
    },
    costs(usd) {
      spentUsd += usd;
      emit({ type: 'cost', scope: 'process', costUsd: spentUsd });
    },
    usage: ({ tokens, ...report }) =>
      emit({
        type: 'usage',
        messageId: newId('reply'),
        model: spec.model ?? 'puppet',
        final: true,
        ...report,
        tokens: { ...NO_TOKENS, ...given(tokens ?? {}) },
      }),
    asks(tool, input = {}) {
      const requestId = newId('request');
      return new Promise(resolve => {
        requests.set(requestId, answer => {
          requests.delete(requestId);
          if (answer?.decision === 'deny') denials.push({ tool, toolUseId: requestId });
          resolve(answer);
        });
        emit({ type: 'approval', requestId, tool, input });
      });
    },
    messages,
    takes(messageId = messages.find(({ id }) => !taken.has(id))?.id) {
      if (messageId === undefined) throw new Error(`no message waits for ${spec.sessionId}`);
      taken.add(messageId);
      emit({ type: 'message_delivered', id: messageId });
    },
    completes: (result = '', output) =>
      ends({ outcome: 'done', result, ...given({ output }), denials: [...denials] }),
    fails: (code, message = 'as the test said') => ends({ outcome: 'failed', code, message }),
    isLimited: until => ends({ outcome: 'limited', ...given({ until }), message: 'as the test said' }),
    yields: () => ends({ outcome: 'interrupted' }),
    emits: emit,
  };

  // Also its beginning and its end wait for the next turn of the event loop: the engine may be in the middle of one.
  setImmediate(() => {
    if (!begun && !end) attempt.begins();
    events.release();
  });
  const interrupt = (ignores: boolean): void => {
    interrupted.resolve();
    if (ignores) return;
    setImmediate(() => {
      if (!end) attempt.yields();
    });
  };
  return {
    attempt,
    engine: {
      interrupt: () => interrupt(options.ignoresInterrupt),
      terminate: () => interrupt(options.ignoresInterrupt),
      kill: () => interrupt(false),
      answerPermission: (requestId, decision, message, answers) =>
        requests.get(requestId)?.({ decision, ...given({ message, answers }) }),
      send(message) {
        if (end) return;
        messages.push(message);
        if (!options.takes) return;
        setImmediate(() => {
          if (!end) attempt.takes(message.id);
        });
      },
    },
  };
}
