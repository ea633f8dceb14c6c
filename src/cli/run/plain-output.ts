import { counted, formatClock, formatElapsed, formatTime, formatUsd } from '../../sdk/format.ts';
import type { GroupEvent } from '../../sdk/group/journal/events.ts';
import { isRehearsal } from '../../sdk/group/standing/rehearsal.ts';
import { deliveryWords } from '../../words/delivery-words.ts';
import { errorWords } from '../../words/error-words.ts';
import { originWords } from '../../words/origin-words.ts';
import { answerWords } from '../../words/transcript.ts';
import { approveCommand } from '../advice.ts';
import type { CliIo } from '../io.ts';
import type { ShownGroup } from '../services.ts';
import { requestLine } from '../show/requests.ts';
import { cleanLine } from '../text.ts';
import { pauseWords } from '../wait-words.ts';
import { cutToWidth } from '../width.ts';

/** One line per change on stderr, for logs and for terminals that cannot redraw. */
export function startPlainOutput(handle: ShownGroup, io: CliIo): { finish(): void } {
  const subscription = handle.events$.subscribe({
    next: event => {
      const line = plainLine(event, isRehearsal(handle.group));
      if (line !== undefined) io.stderr.write(`${line}\n`);
    },
    error: () => {},
  });
  return { finish: () => subscription.unsubscribe() };
}

/** `14:05:09 gateway: started`; undefined for an event that is not a change of state. */
export function plainLine(event: GroupEvent, rehearsal = false): string | undefined {
  const words = changeWords(event, rehearsal);
  if (words === undefined) return undefined;
  const subject = 'sessionId' in event && event.sessionId !== undefined ? event.sessionId : 'group';
  return `${formatTime(Date.parse(event.time))} ${cleanLine(subject)}: ${words}`;
}

const quoted = (text: string) => cutToWidth(cleanLine(text), 200, '...');

function changeWords(event: GroupEvent, rehearsal: boolean): string | undefined {
  switch (event.type) {
    case 'group_started':
      return `running ${counted(event.sessionCount, 'session')}, ${event.maxConcurrent} at a time`;
    case 'group_pausing':
      return `pausing (${pauseWords(event.reason)})`;
    case 'group_paused':
      return `paused (${pauseWords(event.reason)})`;
    case 'group_resumed':
      return 'resumed';
    case 'group_stopping':
      return `stopping (${pauseWords(event.reason)})`;
    case 'group_stopped':
      return `stopped (${pauseWords(event.reason)})`;
    case 'group_completed':
      return 'completed';
    case 'group_failed':
      return `failed (${pauseWords(event.reason)})`;
    case 'group_retried':
      return `retrying ${cleanLine(event.sessions.join(', '))}`;
    case 'group_updated': {
      const { added, removed, changed, settings } = event;
      const lists = Object.entries({ added, removed, changed, settings });
      const changes = lists.flatMap(([what, names]) =>
        names.length > 0 ? [`${what} ${names.join(', ')}`] : [],
      );
      return `updated: ${quoted(changes.join('; '))}`;
    }
    case 'session_started':
      if (event.startedOver)
        return `started over (attempt ${event.attempt}): its conversation cannot be resumed`;
      return event.attempt > 1 ? `started (attempt ${event.attempt})` : 'started';
    case 'session_resumed':
      return `resumed (attempt ${event.attempt})`;
    case 'session_warning':
      return `warning: ${quoted(event.message)}`;
    case 'session_retrying':
      return `retrying in ${formatElapsed(event.delayMs)} after ${quoted(errorWords(event.error))}`;
    case 'session_paused':
      return 'paused';
    case 'session_opened':
      return 'opened by hand';
    case 'session_continuing':
      return 'continues: messages have come for it';
    case 'message_sent':
      return `message sent ${cleanLine(originWords(event.by))}: ${quoted(event.text)}`;
    case 'message_delivered':
      return 'message delivered';
    case 'message_undelivered':
      return 'message not delivered';
    case 'session_completed': {
      const denied = event.permissionDenials.map(denial => cleanLine(denial.tool));
      const note = denied.length > 0 ? `, denied: ${denied.join(', ')}` : '';
      const cost = rehearsal ? '' : ` for ${formatUsd(event.costUsd)}`;
      return `completed in ${formatElapsed(event.durationMs)}${cost}${note}`;
    }
    case 'session_failed':
      return `failed with ${quoted(errorWords(event.error))}`;
    case 'session_skipped':
      return `skipped (${event.reason.replaceAll('_', ' ')}${event.because.length > 0 ? `: ${cleanLine(event.because.join(', '))}` : ''})`;
    case 'session_stopped':
      return 'stopped';
    case 'budget_warning':
      if (event.certainUsd !== undefined)
        return `${formatUsd(event.usageUsd, true)} of ${formatUsd(event.limitUsd)} by estimate, ${formatUsd(event.certainUsd)} for certain`;
      return `${formatUsd(event.usageUsd)} of ${formatUsd(event.limitUsd)} ${rehearsal ? 'by the script, nothing spent' : 'spent'}`;
    case 'budget_exceeded':
      return `limit ${rehearsal ? 'of the rehearsal ' : ''}reached: ${formatUsd(event.usageUsd)} of ${formatUsd(event.limitUsd)} (${event.action})`;
    case 'budget_changed':
      return `limit is now ${event.limitUsd === 'none' ? 'none' : formatUsd(event.limitUsd)}`;
    case 'quota_limited':
      return `usage limit until ${formatClock(Date.parse(event.until))}`;
    case 'approval_requested':
      return `${requestLine(event)} (${approveCommand(event.groupId, event)})`;
    case 'approval_answered':
      return `permission request ${cleanLine(answerWords(event))}`;
    default: {
      const words = deliveryWords(event);
      return words === undefined ? undefined : quoted(words);
    }
  }
}
