/**
 * Who works on what: orders wait in the queues of pools, and workers take them with a lease. An order has a key, such as
 * `group.session.attempt`, and a note of where to find what it says. The suite in `test/fleet` checks the rules that every implementation
 * follows:
 *
 * PLACEMENT-1 an order is given to one worker, once: one that is lost isn't given to another.
 * PLACEMENT-2 placing a key again changes nothing while it waits, and once a worker has had it.
 * PLACEMENT-3 an order that was taken back is given to nobody, until it is placed again; one that a worker has had can't be
 *    taken back.
 * PLACEMENT-4 a worker that doesn't renew in time has lost the order, and hears so from `renew` and `giveBack`.
 * PLACEMENT-5 of one pool, the order that was placed first is given first.
 */
export interface Placement {
  /** @param note for the worker that takes it; at most 1,000 characters. */
  place(order: PlacedOrder, note: string): Promise<void>;
  /** True: no worker has had it, and none will. */
  takeBack(order: PlacedOrder): Promise<boolean>;
  standing(order: PlacedOrder): Promise<PlacementStanding>;
  /** How long their leases last unless they are renewed; milliseconds; 0: nobody has it. */
  leases(orders: readonly PlacedOrder[]): Promise<readonly number[]>;
  /**
   * Calls `listener` for each order of the pool that a worker has taken, given back or lost from now on; it may miss some
   * while there is no connection, so that whoever waits asks again for the `standing` after `reconnected`.
   */
  watch(pool: string, listener: (news: PlacementNews) => void): Promise<Closable>;
  /** Forgets an order: its group needs it no more. False: a worker has it, and nothing was forgotten. */
  forget(order: PlacedOrder): Promise<boolean>;
  /** For a worker: takes orders of a pool. @param worker unique, such as `host.4711.1` */
  serve(pool: string, worker: string): Promise<ServedPool>;
  close(): Promise<void>;
}

export interface PlacedOrder {
  /** At most 400 characters: letters, digits, `.`, `-` and `_`. */
  readonly key: string;
  readonly pool: string;
}

export type PlacementStanding =
  /** `ahead`: orders that go first. `workers`: those that serve the pool now. */
  | { readonly kind: 'waiting'; readonly ahead: number; readonly workers: number }
  | { readonly kind: 'placed'; readonly worker: string }
  /** The worker has given it back: it has nothing more to do with it. */
  | { readonly kind: 'returned' }
  | { readonly kind: 'lost' }
  /** It was never placed, was taken back or forgotten, or the placement has lost its data. */
  | { readonly kind: 'unknown' };

export type PlacementNews =
  | { readonly kind: 'placed' | 'returned' | 'lost'; readonly key: string }
  | { readonly kind: 'reconnected' };

export interface Closable {
  close(): Promise<void>;
}

/** A worker's place at a pool; it counts as one of its workers until it is closed, or stops to take and renew. */
export interface ServedPool extends Closable {
  /** The next order; undefined once the signal aborts, and then none has been taken. */
  take(signal: AbortSignal): Promise<Lease | undefined>;
}

/** An order that a worker has until it gives it back, or doesn't renew it for as long as a lease lasts. */
export interface Lease {
  readonly key: string;
  /** As it was placed. */
  readonly note: string;
  /** False: it is lost. @throws if nobody answers; then nobody knows. */
  renew(): Promise<boolean>;
  /** False: it was lost before. @throws as above. */
  giveBack(): Promise<boolean>;
}
