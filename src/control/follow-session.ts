import { type Clock, sleep, systemClock } from '../sdk/clock.ts';
import type { GroupEvent } from '../sdk/group/journal/events.ts';
import { isEvent } from '../sdk/group/journal/records.ts';
import type { GroupStore, StoredGroup } from '../sdk/group/store/store.ts';
import { groupEvents } from './follow-events.ts';
import type { Owners } from './reach.ts';

/** How often it looks whether somebody has taken the group over. */
const POLL_MS = 250;

export interface FollowOptions {
  readonly signal: AbortSignal;
  /** Called once, each time that nobody runs the group any more. */
  onLeft?(): void;
  /** Default: the system clock. */
  readonly clock?: Clock;
}

/**
 * What happens in a session from now on, whoever runs its group, until it has settled: at once if it has.
 *
 * FOLLOW-1 each event once, in order, without a gap to those of `stored`, also when the group's owner changes.
 *
 * @param stored the group as it is now.
 * @throws the signal's reason; what the store throws, such as for a group that was deleted.
 */
export async function* followSession(
  stored: StoredGroup,
  sessionId: string,
  store: GroupStore,
  owners: Owners,
  { signal, onLeft, clock = systemClock }: FollowOptions,
): AsyncGenerator<GroupEvent, void, void> {
  const standing = new Standing(sessionId);
  let next = 0;
  for (const event of stored.records.filter(isEvent)) {
    standing.apply(event);
    next = event.seq + 1;
  }
  for (let told = false; !standing.settled; ) {
    for await (const event of groupEvents(stored.group.id, store, owners, { fromSeq: next, signal, clock })) {
      next = event.seq + 1;
      told = false;
      standing.apply(event);
      if ('sessionId' in event && event.sessionId === sessionId) yield event;
      if (standing.settled) return;
    }
    if (!told) onLeft?.();
    told = true;
    await sleep(clock, POLL_MS, signal);
  }
}

/** Whether a session has settled, by its group's events. */
class Standing {
  settled = false;
  readonly #id: string;

  constructor(id: string) {
    this.#id = id;
  }

  apply(event: GroupEvent): void {
    if (event.type === 'group_retried') {
      if (event.sessions.includes(this.#id)) this.settled = false;
    } else if ('sessionId' in event && event.sessionId === this.#id) {
      this.settled = SETTLING.has(event.type) || (this.settled && !BEGINNING.has(event.type));
    }
  }
}

type Types = ReadonlySet<GroupEvent['type']>;
const SETTLING: Types = new Set([
  'session_completed',
  'session_failed',
  'session_stopped',
  'session_skipped',
] as const);
const BEGINNING: Types = new Set(['session_started', 'session_resumed'] as const);
