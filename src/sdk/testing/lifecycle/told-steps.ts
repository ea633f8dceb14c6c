import type { GroupEvent } from '../../group/journal/events.ts';
import type { LifecycleStep } from './types.ts';

/** What an event of the group is told in. */
interface Telling {
  /** Whether the group admits sessions. */
  readonly isRunning: boolean;
  /** Whether it waits less than that for an account. Epoch milliseconds. */
  readonly waitsUntil: number;
}

/** What the events of a group tell of a session whose agent acts by itself. */
export function toldStep(event: GroupEvent, { isRunning, waitsUntil }: Telling): LifecycleStep | undefined {
  switch (event.type) {
    case 'session_completed':
      return { type: 'session.settled', session: event.sessionId, outcome: 'completed' };
    case 'session_failed':
      return { type: 'session.settled', session: event.sessionId, outcome: 'failed' };
    case 'session_stopped':
      return { type: 'session.settled', session: event.sessionId, outcome: 'stopped' };
    case 'session_paused':
      return isRunning
        ? { type: 'agent.unavailable', session: event.sessionId }
        : { type: 'session.yielded', session: event.sessionId, reason: 'pause' };
    case 'session_retrying':
      return { type: 'session.yielded', session: event.sessionId, reason: 'retry' };
    case 'approval_requested':
      return { type: 'session.asked', session: event.sessionId };
    case 'quota_limited':
      if (event.sessionId === undefined) return undefined;
      return Date.parse(event.until) > waitsUntil
        ? { type: 'quota.tooLong', session: event.sessionId }
        : { type: 'session.yielded', session: event.sessionId, reason: 'quota' };
    default:
      return undefined;
  }
}
