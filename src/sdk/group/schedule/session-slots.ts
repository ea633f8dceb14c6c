/** A group's view of the slots that it shares with others. Every call is synchronous. */
export interface SlotsOfGroup {
  /** Takes a slot for the session; false if all are taken or other groups are waiting. */
  take(session: string): boolean;
  /** The same, also where none is available: an attempt of it lives elsewhere, which another engine has started. */
  keep(session: string): void;
  /** Returns the session's slot, if it has one. */
  free(session: string): void;
  /** The number of slots taken, across all groups. */
  readonly live: number;
  readonly max: number;
  /** Returns all slots of the group; it gets no more offers. */
  leave(): void;
}

interface Member {
  readonly sessions: Set<string>;
  readonly offer: () => void;
  /** The serial number of the slot it was given last; 0 before the first. */
  lastGiven: number;
  left: boolean;
}

/**
 * Limits the live sessions across all groups that share these slots.
 *
 * SHARED-SLOTS-1 none is given while `max` are taken; those that are kept were given by a process that is gone.
 * SHARED-SLOTS-2 fair: the waiting group whose last slot was longest ago goes first. No group can overtake the waiting
 *    ones, not even the group that has just returned a slot.
 * SHARED-SLOTS-3 no slot stays free while a group waits: a group that declines an offer gets no more until it asks
 *    again.
 *
 * Offers are made in a separate microtask, so that no chart is offered a slot during one of its steps.
 */
export class SessionSlots {
  readonly max: number;
  readonly #waiting = new Set<Member>();
  #live = 0;
  #given = 0;
  /** The group whose turn it is, until it has taken one slot. It may try several sessions. */
  #turn: { readonly member: Member; readonly had: number } | undefined;
  #offering = false;

  constructor(max: number) {
    if (!(Number.isInteger(max) && max > 0)) throw new RangeError('slots: expected a whole number above 0');
    this.max = max;
  }

  get live(): number {
    return this.#live;
  }

  /** @param offer called when a slot is available for the group, which takes it with `take` or declines. */
  join(offer: () => void): SlotsOfGroup {
    const slots = this;
    const member: Member = { sessions: new Set(), offer, lastGiven: 0, left: false };
    return {
      take: session => this.#take(member, session),
      keep: session => {
        if (member.left || member.sessions.has(session)) return;
        member.sessions.add(session);
        this.#live++;
      },
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
