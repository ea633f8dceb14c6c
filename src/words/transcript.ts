import { formatDuration, formatUsd } from '../sdk/format.ts';
import type { GroupEvent } from '../sdk/group/journal/events.ts';
import { deliveryWords } from './delivery-words.ts';
import { originWords } from './origin-words.ts';

/** An entry of a session's transcript. */
export interface TranscriptWords {
  /** `assistant` and `user` are messages, `tool` is a finished call, `notice` is everything else. */
  readonly kind: 'assistant' | 'user' | 'tool' | 'notice';
  /** Raw: not sanitized for a terminal. */
  readonly text: string;
}

/** A session's event in words; undefined for events that are not shown. */
export function transcriptWords(event: GroupEvent): TranscriptWords | undefined {
  if (event.type === 'session_message') return { kind: event.role, text: event.text };
  if (event.type === 'message_sent') return { kind: 'user', text: event.text };
  if (event.type === 'tool_finished') return { kind: 'tool', text: toolWords(event) };
  const text = noticeWords(event);
  return text === undefined ? undefined : { kind: 'notice', text };
}

function noticeWords(event: GroupEvent): string | undefined {
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
    case 'session_paused':
      return 'paused';
    case 'session_continuing':
      return 'continues: messages have come for it';
    case 'message_delivered':
      return 'message delivered';
    case 'message_undelivered':
      return 'message not delivered';
    case 'approval_requested':
      return `permission requested: ${oneLine(event.tool)}`;
    case 'approval_answered':
      return oneLine(answerWords(event));
    case 'quota_limited':
      return `usage limit until ${event.until}`;
    case 'session_completed':
      return `completed in ${formatDuration(event.durationMs)} for ${formatUsd(event.costUsd)}\n${event.result}`;
    case 'session_failed':
      return `failed after ${formatUsd(event.costUsd)}: ${errorWords(event.error)}`;
    case 'session_stopped':
      return `stopped after ${formatUsd(event.costUsd)}`;
    case 'session_skipped':
      return `skipped: ${event.reason.replaceAll('_', ' ')}`;
    default: {
      const words = deliveryWords(event);
      return words === undefined ? undefined : oneLine(words);
    }
  }
}

/** Who allowed or denied a permission request. */
export function answerWords({ decision, by }: Extract<GroupEvent, { type: 'approval_answered' }>): string {
  return `${decision === 'allow' ? 'allowed' : 'denied'} ${originWords(by)}`;
}

function toolWords({ tool, durationMs, isError }: Extract<GroupEvent, { type: 'tool_finished' }>): string {
  const time = durationMs === undefined ? '' : ` (${formatDuration(durationMs)})`;
  return `${oneLine(tool)}${time}${isError ? ' failed' : ''}`;
}

const errorWords = ({ code, message }: { readonly code: string; readonly message: string }): string =>
  `${code}: ${oneLine(message)}`;

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();
