import { formatDuration, formatUsd } from '../sdk/format.ts';
import type { GroupEvent } from '../sdk/group/journal/events.ts';
import { planIn, questionsIn } from '../sdk/session/reports/questions.ts';
import { wholeInput } from '../sdk/session/reports/whole-input.ts';
import { deliveryWords } from './delivery-words.ts';
import { originWords } from './origin-words.ts';
import { PLAN_WORDS } from './wait-words.ts';

/** An entry of a session's transcript. */
export interface TranscriptWords {
  /** `assistant` and `user` are messages, `tool` is a call, `notice` is everything else. */
  readonly kind: 'assistant' | 'user' | 'tool' | 'notice';
  /** Raw: not sanitized for a terminal. */
  readonly text: string;
  /** Of a tool: the call, whose output is in the session's log. */
  readonly toolUseId?: string;
  /** Of a tool: the call has not ended. */
  readonly running?: true;
}

/** Calls of one session that have begun. Of an agent that never says that one has ended, the latest are known. */
const MOST_CALLS = 1_000;

/**
 * Reads a session's events, from the first one on or from the one that began the attempt, as entries of a transcript.
 * A result that the agent has just said is not said again.
 */
export class TranscriptReader {
  readonly #calls = new Map<string, Of<'tool_started'>>();
  readonly #isRehearsal: boolean;
  #lastMessage = '';

  /** @param rehearsal what its agents claim to have spent is not money. */
  constructor({ rehearsal = false }: { readonly rehearsal?: boolean } = {}) {
    this.#isRehearsal = rehearsal;
  }

  /** An event in words; undefined for events that are not shown. */
  read(event: GroupEvent): TranscriptWords | undefined {
    switch (event.type) {
      case 'session_message':
        if (event.role === 'assistant') this.#lastMessage = event.text;
        return { kind: event.role, text: event.text };
      case 'message_sent':
        return { kind: 'user', text: event.text };
      case 'tool_started':
        this.#began(event);
        return undefined;
      case 'tool_finished':
        return this.#finished(event);
      case 'session_started':
      case 'session_resumed':
        this.#calls.clear();
        break;
      case 'session_completed':
        return { kind: 'notice', text: this.#completed(event) };
      default:
        break;
    }
    const text = noticeWords(event, usd => (this.#isRehearsal ? '' : ` after ${formatUsd(usd)}`));
    return text === undefined ? undefined : { kind: 'notice', text };
  }

  /** The calls that have not ended, as entries of their own. */
  running(): (TranscriptWords & Pick<GroupEvent, 'seq' | 'time'>)[] {
    return [...this.#calls].map(([toolUseId, { tool, input, seq, time }]) => {
      const text = `${toolWords(tool, input)} …`;
      return { kind: 'tool', text, toolUseId, running: true, seq, time };
    });
  }

  #began(event: Of<'tool_started'>): void {
    this.#calls.set(event.toolUseId, event);
    const [oldest] = this.#calls.size > MOST_CALLS ? this.#calls.keys() : [];
    if (oldest !== undefined) this.#calls.delete(oldest);
  }

  #finished({ tool, toolUseId, durationMs, isError }: Of<'tool_finished'>): TranscriptWords {
    const call = this.#calls.get(toolUseId);
    this.#calls.delete(toolUseId);
    const time = durationMs === undefined ? '' : ` (${formatDuration(durationMs)})`;
    const text = `${toolWords(tool, call?.input)}${time}${isError ? ' failed' : ''}`;
    return { kind: 'tool', text, toolUseId };
  }

  #completed({ durationMs, costUsd, result }: Of<'session_completed'>): string {
    const spent = this.#isRehearsal ? ' (rehearsal)' : ` for ${formatUsd(costUsd)}`;
    const words = `completed in ${formatDuration(durationMs)}${spent}`;
    return result.trim() === this.#lastMessage.trim() ? words : `${words}\n${result}`;
  }
}

type Of<T extends GroupEvent['type']> = Extract<GroupEvent, { type: T }>;

/** Of what an agent has said: enough for a line of a table. */
const LONGEST_SAID = 300;

/**
 * Keeps what a session's agent said last, or left as its result, by session: in one line of at most 300 characters, raw. Of a
 * conversation that begins anew nothing has been said yet.
 */
export function hear(event: GroupEvent, said: Map<string, string>): void {
  switch (event.type) {
    case 'session_started':
      said.delete(event.sessionId);
      break;
    case 'session_message':
      if (event.role === 'assistant') said.set(event.sessionId, beginning(event.text));
      break;
    case 'session_completed':
      if (event.result.trim() !== '') said.set(event.sessionId, beginning(event.result));
      break;
    default:
      break;
  }
}

const beginning = (text: string): string => oneLine(text.slice(0, LONGEST_SAID));

/** A call of a tool: `Bash npm test`. */
export const toolWords = (tool: string, input = ''): string => oneLine(`${tool} ${input}`);

/** What a session is doing; empty if it runs no tool. */
export const currentToolWords = ({ currentTool, currentToolInput }: CurrentTool): string =>
  currentTool === undefined ? '' : toolWords(currentTool, currentToolInput);

interface CurrentTool {
  readonly currentTool?: string | undefined;
  readonly currentToolInput?: string | undefined;
}

function noticeWords(event: GroupEvent, after: (usd: number) => string): string | undefined {
  switch (event.type) {
    case 'session_started':
      return event.startedOver
        ? `started over, attempt ${event.attempt}`
        : `started, attempt ${event.attempt}`;
    case 'session_resumed':
      return `resumed, attempt ${event.attempt}`;
    case 'session_warning':
      return `warning: ${event.message}`;
    case 'session_retrying':
      return `retry ${event.attempt} in ${formatDuration(event.delayMs)}: ${errorWords(event.error)}`;
    case 'session_opened':
      return 'opened by hand: what that spends is not counted';
    case 'session_paused':
      return 'paused';
    case 'session_continuing':
      return 'continues: messages have come for it';
    case 'message_delivered':
      return 'message delivered';
    case 'message_undelivered':
      return 'message not delivered';
    case 'approval_requested':
      return oneLine(askedWords(event));
    case 'approval_answered':
      return oneLine(answerWords(event));
    case 'quota_limited':
      return `usage limit until ${event.until}`;
    case 'session_failed':
      return `failed${after(event.costUsd)}: ${errorWords(event.error)}`;
    case 'session_stopped':
      return `stopped${after(event.costUsd)}`;
    case 'session_skipped':
      return `skipped: ${event.reason.replaceAll('_', ' ')}`;
    default: {
      const words = deliveryWords(event);
      return words === undefined ? undefined : oneLine(words);
    }
  }
}

/** What an agent asks a person for: all that a tool is called with; of a question, also its options. Raw, not in one line. */
export function askedWords({ tool, input }: { readonly tool: string; readonly input?: unknown }): string {
  const questions = questionsIn(tool, input).map(({ question, options }) => {
    const labels = options.map(({ label }) => label).join(', ');
    return labels === '' ? question : `${question} (${labels})`;
  });
  if (questions.length > 0) return `asks: ${questions.join(' ')}`;
  const plan = planIn(tool, input);
  if (plan === undefined) return `permission requested: ${toolWords(tool, wholeInput(input))}`;
  return plan === '' ? PLAN_WORDS : `${PLAN_WORDS}: ${plan}`;
}

/** Who allowed or denied a permission request, and what was answered. */
export function answerWords({ decision, by, answer }: Of<'approval_answered'>): string {
  const verb = decision === 'deny' ? 'denied' : answer === undefined ? 'allowed' : 'answered';
  return [
    `${verb} ${originWords(by)}`,
    ...(answer === undefined ? [] : [answer.split('\n').join(', ')]),
  ].join(': ');
}

const errorWords = ({ code, message }: { readonly code: string; readonly message: string }): string =>
  `${code}: ${oneLine(message)}`;

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();
