import type { GroupEvent } from '../sdk/group/journal/events.ts';

/** How an attempt ended. */
export type AttemptOutcome = 'completed' | 'failed' | 'paused' | 'retrying' | 'limited' | 'stopped' | 'lost';

/** One attempt, for the timeline; in the order in which they started. */
export interface AttemptSpan {
  readonly sessionId: string;
  readonly attempt: number;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** Absent while it runs. */
  readonly endedAt?: string;
  /** Absent while it runs. `limited`: the account's limit parked it. `lost`: the process that ran it died. */
  readonly outcome?: AttemptOutcome;
}

/** The attempts of a group as its events tell them: for the server, and for a page that follows them. */
export class Attempts {
  /** In the order in which they started. */
  readonly spans: AttemptSpan[] = [];
  /** Places in `spans`, by session, in the order in which the sessions started first. */
  readonly #places = new Map<string, number[]>();
  #last: string | undefined;

  constructor(spans: readonly AttemptSpan[] = []) {
    for (const span of spans) this.#begin(span);
  }

  /** Of the sessions that have started. */
  get sessions(): readonly string[] {
    return [...this.#places.keys()];
  }

  of(id: string): AttemptSpan[] {
    return (this.#places.get(id) ?? []).flatMap(place => this.spans[place] ?? []);
  }

  /** The id of the session whose attempts changed, if any did. */
  apply(event: GroupEvent): string | undefined {
    const last = this.#last ?? event.time;
    this.#last = event.time;
    if (event.type === 'session_started' || event.type === 'session_resumed') {
      const { sessionId, attempt, time } = event;
      this.#end(sessionId, last, 'lost');
      this.#begin({ sessionId, attempt, startedAt: time });
      return sessionId;
    }
    const outcome = OUTCOMES[event.type];
    if (outcome === undefined || !('sessionId' in event) || event.sessionId === undefined) return undefined;
    return this.#end(event.sessionId, event.time, outcome) ? event.sessionId : undefined;
  }

  /** The engine has died: what is open ended with the last event. */
  lose(): void {
    for (const id of this.#places.keys()) this.#end(id, this.#last ?? '', 'lost');
  }

  #begin(span: AttemptSpan): void {
    const places = this.#places.get(span.sessionId);
    if (places) places.push(this.spans.length);
    else this.#places.set(span.sessionId, [this.spans.length]);
    this.spans.push(span);
  }

  #end(id: string, endedAt: string, outcome: AttemptOutcome): boolean {
    const place = this.#places.get(id)?.at(-1) ?? -1;
    const open = this.spans[place];
    if (open === undefined || open.endedAt !== undefined) return false;
    this.spans[place] = { ...open, endedAt, outcome };
    return true;
  }
}

/** Whether an event of this type may begin an attempt, or end one. */
export const isOfAttempts = (type: GroupEvent['type']): boolean =>
  type === 'session_started' || type === 'session_resumed' || OUTCOMES[type] !== undefined;

const OUTCOMES: Readonly<Partial<Record<GroupEvent['type'], AttemptOutcome>>> = {
  session_completed: 'completed',
  session_failed: 'failed',
  session_stopped: 'stopped',
  session_paused: 'paused',
  session_retrying: 'retrying',
  quota_limited: 'limited',
};
