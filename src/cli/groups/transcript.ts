import type { GroupEvent } from '../../sdk/group/events.ts';
import { formatDuration, formatUsd } from '../../words/format.ts';
import { cleanBlock, cleanLine } from '../text.ts';

/** A session's events as people read them, a line each; a message takes as many as it has. */
export function transcript(events: readonly GroupEvent[]): string[] {
  return events.flatMap(event => {
    const said = words(event);
    if (said === undefined) return [];
    const [first = '', ...rest] = cleanBlock(said).trimEnd().split('\n');
    return [
      `${event.time.slice(0, 19).replace('T', ' ')}  ${first}`,
      ...rest.map(line => `${INDENT}${line}`),
    ];
  });
}

const INDENT = ' '.repeat('2026-01-02 03:04:05  '.length);

function words(event: GroupEvent): string | undefined {
  switch (event.type) {
    case 'session_started':
      return `started, attempt ${event.attempt}`;
    case 'session_resumed':
      return `resumed, attempt ${event.attempt}`;
    case 'session_warning':
      return `warning: ${event.message}`;
    case 'session_message':
      return `${event.role}: ${event.text}`;
    case 'tool_finished':
      return `tool ${toolWords(event)}`;
    case 'session_retrying':
      return `retry ${event.attempt} in ${formatDuration(event.delayMs)}: ${errorWords(event.error)}`;
    case 'session_paused':
      return 'paused';
    case 'approval_requested':
      return `asks for permission: ${cleanLine(event.tool)}`;
    case 'approval_answered':
      return `${event.decision === 'allow' ? 'allowed' : 'denied'} by ${cleanLine(event.by)}`;
    case 'quota_limited':
      return `account limit until ${event.until}`;
    case 'session_completed':
      return `completed in ${formatDuration(event.durationMs)} for ${formatUsd(event.costUsd)}\n${event.result}`;
    case 'session_failed':
      return `failed after ${formatUsd(event.costUsd)}: ${errorWords(event.error)}`;
    case 'session_stopped':
      return `stopped after ${formatUsd(event.costUsd)}`;
    case 'session_skipped':
      return `skipped: ${event.reason.replaceAll('_', ' ')}`;
    default:
      return undefined;
  }
}

function toolWords({ tool, durationMs, isError }: Extract<GroupEvent, { type: 'tool_finished' }>): string {
  const time = durationMs === undefined ? '' : ` (${formatDuration(durationMs)})`;
  return `${cleanLine(tool)}${time}${isError ? ' failed' : ''}`;
}

const errorWords = ({ code, message }: { readonly code: string; readonly message: string }): string =>
  `${code}: ${cleanLine(message)}`;
