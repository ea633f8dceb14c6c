import type { GroupEvent } from '../sdk/group/journal/events.ts';

/** How an attempt ended. */
export type AttemptOutcome = 'completed' | 'failed' | 'paused' | 'retrying' | 'limited' | 'stopped' | 'lost';

/** One attempt of a session. Lists of spans are in the order in which the attempts started. */
export interface AttemptSpan {
  readonly sessionId: string;
  readonly attempt: number;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** Absent while it runs. */
  readonly endedAt?: string;
  /** Absent while it runs. `limited`: it hit the account's usage limit. `lost`: the process that ran it died. */
  readonly outcome?: AttemptOutcome;
}

/** The attempts of a group, built from its events, on the server and on the page. */
export class Attempts {
  readonly spans: AttemptSpan[] = [];
  /** Indices into `spans` by session id; sessions in the order of their first start. */
  readonly #indices = new Map<string, number[]>();
  #last: string | undefined;

  constructor(spans: readonly AttemptSpan[] = []) {
    for (const span of spans) this.#begin(span);
  }

  /** The ids of the sessions that have started. */
  get sessions(): readonly string[] {
    return [...this.#indices.keys()];
  }

  of(id: string): AttemptSpan[] {
    return (this.#indices.get(id) ?? []).flatMap(index => this.spans[index] ?? []);
  }

  /** Returns the id of the session whose attempts changed, if any. */
  apply(event: GroupEvent): string | undefined {
    const last = this.#last ?? event.time;
    this.#last = event.time;
    if (event.type === 'session_started' || event.type === 'session_resumed') {
      const { sessionId, attempt, time } = event;
      const open = this.of(sessionId).at(-1);
      // The same attempt in another conversation: it has started over.
      if (open?.attempt === attempt && open.endedAt === undefined) return undefined;
      this.#end(sessionId, last, 'lost');
      this.#begin({ sessionId, attempt, startedAt: time });
      return sessionId;
    }
    const outcome = OUTCOMES[event.type];
    if (outcome === undefined || !('sessionId' in event) || event.sessionId === undefined) return undefined;
    return this.#end(event.sessionId, event.time, outcome) ? event.sessionId : undefined;
  }

  /** Ends open attempts as `lost` at the time of the last event: the engine has died. */
  lose(): void {
    for (const id of this.#indices.keys()) this.#end(id, this.#last ?? '', 'lost');
  }

  #begin(span: AttemptSpan): void {
    const indices = this.#indices.get(span.sessionId);
    if (indices) indices.push(this.spans.length);
    else this.#indices.set(span.sessionId, [this.spans.length]);
    this.spans.push(span);
  }

  #end(id: string, endedAt: string, outcome: AttemptOutcome): boolean {
    const index = this.#indices.get(id)?.at(-1) ?? -1;
    const open = this.spans[index];
    if (open === undefined || open.endedAt !== undefined) return false;
    this.spans[index] = { ...open, endedAt, outcome };
    return true;
  }
}

/** Whether an event of this type can begin or end an attempt. */
export const isOfAttempts = (type: GroupEvent['type']): boolean =>
  type === 'session_started' || type === 'session_resumed' || OUTCOMES[type] !== undefined;

const OUTCOMES: Readonly<Partial<Record<GroupEvent['type'], AttemptOutcome>>> = {
  session_completed: 'completed',
  session_continuing: 'completed',
  session_failed: 'failed',
  session_stopped: 'stopped',
  session_paused: 'paused',
  session_retrying: 'retrying',
  quota_limited: 'limited',
};
