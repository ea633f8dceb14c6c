import { Subject } from 'rxjs';
import { isBeginning } from '../../../machines/vocabulary.ts';
import { localClient } from '../../control/local-client.ts';
import { type GroupService, serveGroup } from '../../control/serve-group.ts';
import type { ControlClient } from '../../control/wire/client.ts';
import { type Sockets, systemSockets } from '../../control/wire/sockets.ts';
import type { Clock } from '../../sdk/clock.ts';
import type { OpenOptions } from '../../sdk/group/api/take-over.ts';
import type { GroupManager } from '../../sdk/group/manager.ts';
import type { GroupRunner } from '../../sdk/group/runner.ts';

/**
 * The groups that this process owns.
 *
 * RESIDENT-1 a group that was taken over for a request is owned only while it is live: once paused or settled it is
 *    released, so that the command line or another host can take it over.
 * RESIDENT-2 while it is owned, other processes can control it as well.
 * RESIDENT-3 requests that use a group at the same time share its handle, and the last one that is over releases it. A
 *    handle that the manager's host has opened stays open.
 */
export class Residents {
  /** Ids of groups that were taken over or released. */
  readonly moved = new Subject<string>();
  readonly #manager: GroupManager;
  readonly #clock: Clock;
  readonly #sockets: Sockets;
  readonly #clients = new WeakMap<GroupRunner, ControlClient>();
  /** Taken over for requests. */
  readonly #taken = new Map<string, Taken>();
  /** Taken over for a request, and about to be released. */
  readonly #leaving = new Set<string>();
  readonly #resting = new Map<string, Promise<void>>();

  constructor(manager: GroupManager, clock: Clock, sockets = systemSockets) {
    this.#manager = manager;
    this.#clock = clock;
    this.#sockets = sockets;
  }

  /** A client for the group; undefined if this process does not own it. */
  find(id: string): Promise<ControlClient> | undefined {
    return this.handleOf(id)?.then(handle => this.#clientOf(handle));
  }

  /** The handle of a group that this process owns. */
  handleOf(id: string): Promise<GroupRunner> | undefined {
    return this.#leaving.has(id) ? undefined : this.#manager.opened(id);
  }

  /**
   * Takes over a group that is not running for a brief operation, then releases it.
   * @throws GroupOwnedError if another process was faster.
   */
  async borrow<T>(id: string, options: OpenOptions, use: (group: GroupRunner) => Promise<T>): Promise<T> {
    const taken = this.#take(id);
    try {
      return await use(await this.#open(taken, options));
    } finally {
      await this.#giveBack(taken);
    }
  }

  /**
   * Takes over a group that is not running and starts it. Resolves once it has begun, with a promise of its outcome.
   *
   * @param begin starts it; resolves when the group is paused or settled.
   * @throws GroupOwnedError if another process was faster; what `begin` throws before the group has begun.
   */
  async host<T>(
    id: string,
    options: OpenOptions,
    begin: (group: GroupRunner) => Promise<T>,
  ): Promise<{ readonly rest: Promise<T> }> {
    return this.#host(this.#take(id), options, begin);
  }

  /** The same for a group that was created for a request. */
  async hostCreated<T>(
    group: GroupRunner,
    begin: (group: GroupRunner) => Promise<T>,
  ): Promise<{ readonly rest: Promise<T> }> {
    return this.#host(this.#take(group.id, group), {}, begin);
  }

  /** The groups that were started here and are still live. */
  get hosted(): readonly string[] {
    return [...this.#resting.keys()];
  }

  /** Resolves when every group that is paused or settled has been released. */
  async settled(): Promise<void> {
    await Promise.all(this.#resting.values());
  }

  /** Counts the caller as a user from now on, so that no other one releases the group meanwhile. */
  #take(id: string, created?: GroupRunner): Taken {
    const isHosts = created === undefined && this.#manager.opened(id) !== undefined;
    const taken = this.#taken.get(id) ?? { id, isHosts, users: 0, handle: created, served: undefined };
    this.#taken.set(id, taken);
    taken.users++;
    return taken;
  }

  async #open(taken: Taken, options: OpenOptions): Promise<GroupRunner> {
    taken.handle = await this.#manager.open(taken.id, options);
    return taken.handle;
  }

  async #host<T>(
    taken: Taken,
    options: OpenOptions,
    begin: (group: GroupRunner) => Promise<T>,
  ): Promise<{ readonly rest: Promise<T> }> {
    const { id } = taken;
    let rest: Promise<T>;
    let group: GroupRunner;
    try {
      group = await this.#open(taken, options);
      await this.#serve(taken, group);
      this.moved.next(id);
      rest = begin(group);
    } catch (error) {
      await this.#giveBack(taken);
      throw error;
    }
    const mine = rest
      .catch(() => {})
      .then(() => this.#giveBack(taken))
      .catch(() => {});
    const resting = Promise.all([this.#resting.get(id), mine]).then(() => {});
    this.#resting.set(id, resting);
    void resting.then(() => {
      if (this.#resting.get(id) === resting) this.#resting.delete(id);
    });
    await Promise.race([rest, begun(group)]);
    return { rest };
  }

  /** Once, however many requests host the group. */
  async #serve(taken: Taken, group: GroupRunner): Promise<void> {
    if (taken.isHosts || taken.served) return;
    taken.served = serveGroup(group, this.#clock, this.#sockets);
    try {
      await taken.served.serve();
    } catch {
      // Then only this process can control it.
    }
  }

  async #giveBack(taken: Taken): Promise<void> {
    taken.users--;
    if (taken.users > 0) return;
    const { id, handle, served, isHosts } = taken;
    this.#taken.delete(id);
    if (isHosts || !handle) return;
    this.#leaving.add(id);
    served?.leave();
    try {
      await handle.dispose();
    } finally {
      this.#leaving.delete(id);
      this.moved.next(id);
    }
  }

  #clientOf(handle: GroupRunner): ControlClient {
    const client = this.#clients.get(handle) ?? localClient(handle);
    this.#clients.set(handle, client);
    return client;
  }
}

/** A group that requests use. */
interface Taken {
  readonly id: string;
  /** The manager's host has opened it, so it isn't released here. */
  readonly isHosts: boolean;
  users: number;
  handle: GroupRunner | undefined;
  /** Set once it is hosted. */
  served: GroupService | undefined;
}

/** Resolves when the group has begun the requested work. */
export function begun(group: GroupRunner): Promise<void> {
  return new Promise(resolve => {
    const subscription = group.events$.subscribe(event => {
      if (!isBeginning(event.type)) return;
      resolve();
      queueMicrotask(() => subscription.unsubscribe());
    });
  });
}
