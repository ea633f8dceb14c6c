/** What a group sees of the slots that it shares with others. Everything answers at once. */
export interface SlotsOfGroup {
  /** Takes a slot for the session; false when all are taken, or others wait for one. */
  take(session: string): boolean;
  /** Gives it back. A session that has none: nothing happens. */
  free(session: string): void;
  /** Slots taken, over all groups. */
  readonly live: number;
  readonly max: number;
  /** Gives back all that the group has, and stops offering it any. */
  leave(): void;
}

interface Member {
  readonly sessions: Set<string>;
  readonly offer: () => void;
  /** Which of all slots given out it was given last; 0 before the first. */
  lastGiven: number;
  left: boolean;
}

/**
 * At most so many live sessions over all groups that share these slots.
 *
 * SHARED-SLOTS-1 never more than `max` are taken.
 * SHARED-SLOTS-2 fair: of the groups that wait, the one goes first that was given a slot the longest time ago; nobody
 *    takes one past those who wait, also not the group that has just given it back.
 * SHARED-SLOTS-3 nothing stays free while a group waits: one that lets its turn pass is asked no more until it asks
 *    again.
 *
 * Offers are made in a turn of their own, so that no chart is offered a slot while it takes a step.
 */
export class SessionSlots {
  readonly max: number;
  readonly #waiting = new Set<Member>();
  #live = 0;
  #given = 0;
  /** Whose turn it is: until it has a slot more than before. It may try several sessions. */
  #turn: { readonly member: Member; readonly had: number } | undefined;
  #offering = false;

  constructor(max: number) {
    if (!(Number.isInteger(max) && max > 0)) throw new RangeError('slots: expected a whole number above 0');
    this.max = max;
  }

  get live(): number {
    return this.#live;
  }

  /** @param offer called when a slot is there for the group: it takes one with `take`, or lets it pass. */
  join(offer: () => void): SlotsOfGroup {
    const slots = this;
    const member: Member = { sessions: new Set(), offer, lastGiven: 0, left: false };
    return {
      take: session => this.#take(member, session),
      free: session => {
        if (!member.sessions.delete(session)) return;
        this.#live--;
        this.#offerSoon();
      },
      get live() {
        return slots.live;
      },
      max: this.max,
      leave: () => {
        member.left = true;
        this.#waiting.delete(member);
        this.#live -= member.sessions.size;
        member.sessions.clear();
        this.#offerSoon();
      },
    };
  }

  #take(member: Member, session: string): boolean {
    if (member.sessions.has(session)) return true;
    if (member.left) return false;
    const turn = this.#turn;
    const isTurn = turn
      ? turn.member === member && member.sessions.size === turn.had
      : this.#waiting.size === 0;
    if (this.#live >= this.max || !isTurn) {
      this.#waiting.add(member);
      return false;
    }
    member.sessions.add(session);
    member.lastGiven = ++this.#given;
    this.#live++;
    return true;
  }

  #offerSoon(): void {
    if (this.#offering || this.#waiting.size === 0) return;
    this.#offering = true;
    queueMicrotask(() => this.#offerAll());
  }

  #next(): Member | undefined {
    let next: Member | undefined;
    for (const member of this.#waiting) if (!next || member.lastGiven < next.lastGiven) next = member;
    return next;
  }

  #offerAll(): void {
    try {
      while (this.#live < this.max) {
        const member = this.#next();
        if (!member) return;
        this.#waiting.delete(member);
        this.#turn = { member, had: member.sessions.size };
        member.offer();
      }
    } finally {
      this.#turn = undefined;
      this.#offering = false;
    }
  }
}
