import { Subject } from 'rxjs';
import { isBeginning } from '../../../machines/vocabulary.ts';
import { localClient } from '../../control/local-client.ts';
import { type ServedGroup, serveGroup } from '../../control/serve-group.ts';
import type { ControlClient } from '../../control/wire/client.ts';
import type { Clock } from '../../sdk/clock.ts';
import type { SessionGroupHandle } from '../../sdk/group/api/handle.ts';
import type { OpenOptions } from '../../sdk/group/api/take-over.ts';
import type { GroupManager } from '../../sdk/group/manager.ts';

/**
 * The groups that this process owns.
 *
 * RESIDENT-1 a group that was taken over for a request is owned only while it is live: once paused or settled it is
 *    released, so that the command line or another host can take it over.
 * RESIDENT-2 while it is owned, other processes can control it as well.
 */
export class Residents {
  /** Ids of groups that were taken over or released. */
  readonly moved = new Subject<string>();
  readonly #manager: GroupManager;
  readonly #clock: Clock;
  readonly #clients = new WeakMap<SessionGroupHandle, ControlClient>();
  /** Taken over for a request, and about to be released. */
  readonly #leaving = new Set<string>();
  readonly #resting = new Map<string, Promise<void>>();

  constructor(manager: GroupManager, clock: Clock) {
    this.#manager = manager;
    this.#clock = clock;
  }

  /** A client for the group; undefined if this process does not own it. */
  find(id: string): Promise<ControlClient> | undefined {
    return this.handleOf(id)?.then(handle => this.#clientOf(handle));
  }

  /** The handle of a group that this process owns. */
  handleOf(id: string): Promise<SessionGroupHandle> | undefined {
    return this.#leaving.has(id) ? undefined : this.#manager.opened(id);
  }

  /**
   * Takes over a group that is not running for a brief operation, then releases it.
   * @throws GroupOwnedError if another process was faster.
   */
  async borrow<T>(
    id: string,
    options: OpenOptions,
    use: (group: SessionGroupHandle) => Promise<T>,
  ): Promise<T> {
    const group = await this.#manager.open(id, options);
    try {
      return await use(group);
    } finally {
      await this.#giveBack(group);
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
    begin: (group: SessionGroupHandle) => Promise<T>,
  ): Promise<{ readonly rest: Promise<T> }> {
    const group = serveGroup(await this.#manager.open(id, options), this.#clock);
    try {
      await group.serve();
    } catch {
      // Then only this process can control it.
    }
    this.moved.next(id);
    const rest = begin(group);
    const resting = rest
      .catch(() => {})
      .then(() => this.#giveBack(group))
      .catch(() => {});
    this.#resting.set(id, resting);
    void resting.then(() => this.#resting.delete(id));
    await Promise.race([rest, begun(group)]);
    return { rest };
  }

  /** The groups that were started here and are still live. */
  get hosted(): readonly string[] {
    return [...this.#resting.keys()];
  }

  /** Resolves when every group that is paused or settled has been released. */
  async settled(): Promise<void> {
    await Promise.all(this.#resting.values());
  }

  async #giveBack(group: SessionGroupHandle | ServedGroup): Promise<void> {
    this.#leaving.add(group.id);
    if ('leave' in group) group.leave();
    try {
      await group.dispose();
    } finally {
      this.#leaving.delete(group.id);
      this.moved.next(group.id);
    }
  }

  #clientOf(handle: SessionGroupHandle): ControlClient {
    const client = this.#clients.get(handle) ?? localClient(handle);
    this.#clients.set(handle, client);
    return client;
  }
}

/** Resolves when the group has begun the requested work. */
export function begun(group: SessionGroupHandle): Promise<void> {
  return new Promise(resolve => {
    const subscription = group.events$.subscribe(event => {
      if (!isBeginning(event.type)) return;
      resolve();
      queueMicrotask(() => subscription.unsubscribe());
    });
  });
}
