import type { AttemptOutcome, AttemptSpan, GroupEvent } from '../../api-types.ts';

/** The attempts of a group as events tell them, for the timeline. */
export class Attempts {
  /** In the order in which the sessions started first. */
  readonly bySession = new Map<string, AttemptSpan[]>();

  constructor(spans: readonly AttemptSpan[]) {
    for (const span of spans) this.#of(span.sessionId).push(span);
  }

  /** The id of the session whose attempts changed, if any did. */
  apply(event: GroupEvent): string | undefined {
    if (event.type === 'session_started' || event.type === 'session_resumed') {
      this.#end(event.sessionId, event.time, 'lost');
      this.#of(event.sessionId).push({
        sessionId: event.sessionId,
        attempt: event.attempt,
        startedAt: event.time,
      });
      return event.sessionId;
    }
    const outcome = OUTCOMES[event.type];
    if (outcome === undefined || !('sessionId' in event) || event.sessionId === undefined) return undefined;
    return this.#end(event.sessionId, event.time, outcome) ? event.sessionId : undefined;
  }

  #of(id: string): AttemptSpan[] {
    let spans = this.bySession.get(id);
    if (spans === undefined) {
      spans = [];
      this.bySession.set(id, spans);
    }
    return spans;
  }

  #end(id: string, endedAt: string, outcome: AttemptOutcome): boolean {
    const spans = this.bySession.get(id);
    const open = spans?.at(-1);
    if (spans === undefined || open === undefined || open.endedAt !== undefined) return false;
    spans[spans.length - 1] = { ...open, endedAt, outcome };
    return true;
  }
}

const OUTCOMES: Readonly<Record<string, AttemptOutcome>> = {
  session_completed: 'completed',
  session_failed: 'failed',
  session_stopped: 'stopped',
  session_paused: 'paused',
  session_retrying: 'retrying',
  quota_limited: 'limited',
};
