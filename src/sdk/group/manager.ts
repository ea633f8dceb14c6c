import { isLiveGroup } from '../../../machines/vocabulary.ts';
import { type Clock, systemClock } from '../clock.ts';
import { RefusedError, SessionGroupsError } from '../errors.ts';
import { endOrphans } from '../process/orphans.ts';
import { archiveGroup } from './api/archive.ts';
import { createSessionGroup, openSessionGroup } from './api/create.ts';
import type { DryRunOption, SessionGroupHandle, SessionGroupOptions } from './api/handle.ts';
import { type ListedMeta, type ListFilter, listGroups } from './api/list-groups.ts';
import type { OpenOptions } from './api/take-over.ts';
import type { DefinitionChanges } from './definition/definition-changes.ts';
import type {
  ChangeOrigin,
  SessionChanges,
  SessionInput,
  UpdateOrigin,
} from './definition/next-definition.ts';
import type { GroupProgress } from './progress/progress.ts';
import { SessionSlots } from './schedule/session-slots.ts';
import { type KeptStatus, keptStatus } from './standing/kept-status.ts';
import { foldOf } from './standing/saved-group.ts';
import { viewGroup } from './standing/view.ts';
import { findGroup } from './store/find-group.ts';
import type { GroupMeta, GroupOwner, GroupStore } from './store/store.ts';
import type { SessionGroup, SessionGroupInput } from './types.ts';

/** What all groups of a manager share. */
export interface GroupManagerOptions
  extends Omit<SessionGroupOptions, 'store' | 'source' | 'baseDir' | 'slots'> {
  readonly store: GroupStore;
  /** How many sessions may be live over all groups of the manager, besides each group's own. Default: no limit. */
  readonly maxConcurrentSessions?: number;
}

/** Where a definition that is given as an object comes from. */
export type DefinitionOrigin = Pick<SessionGroupOptions, 'source' | 'baseDir'>;

/** A group as it is kept. */
export interface KeptGroup {
  readonly group: SessionGroup;
  readonly status: KeptStatus;
  readonly meta: GroupMeta;
  /** Who runs it; `alive: false` when that process died. */
  readonly owner?: GroupOwner;
  readonly dir?: string;
}

/** How a group and each of its sessions stand. */
export interface GroupStanding extends Omit<GroupProgress, 'status'> {
  readonly status: KeptStatus;
}

/**
 * The groups of a store, many of which one process may run at once. Groups are named by their id, the beginning of
 * it, or their slug.
 *
 * MANAGER-1 one handle per group: whoever opens it while it is open gets the same.
 * MANAGER-2 nothing is archived or removed while it is live.
 * MANAGER-3 never more than `maxConcurrentSessions` sessions are live at a time, and every group gets its turn.
 *
 * @example
 * const manager = new GroupManager({ store: createFileStore() });
 * const group = await manager.create('session-groups.yaml');
 * await group.run();
 * await manager.archive(group.id);
 * await manager.dispose();
 */
export class GroupManager {
  readonly #options: SessionGroupOptions & { readonly store: GroupStore };
  readonly #store: GroupStore;
  readonly #clock: Clock;
  readonly #handles = new Map<string, Promise<SessionGroupHandle>>();
  /** Groups that are open for calls of this manager alone, and how many those are. */
  readonly #borrowed = new Map<string, number>();
  /** Handles that are being disposed of. */
  readonly #closing = new Map<string, Promise<void>>();
  #disposed: Promise<void> | undefined;

  constructor(options: GroupManagerOptions) {
    const { maxConcurrentSessions, ...rest } = options;
    const limit = maxConcurrentSessions;
    this.#options = limit === undefined ? rest : { ...rest, slots: new SessionSlots(limit) };
    this.#store = options.store;
    this.#clock = options.clock ?? systemClock;
  }

  /**
   * Creates a group and opens it; nothing starts before `run`.
   * @param definition path of a YAML or JSON file, or the definition itself.
   * @throws DefinitionError with every problem of the definition.
   */
  async create(
    definition: string | SessionGroupInput,
    origin: DefinitionOrigin = {},
  ): Promise<SessionGroupHandle> {
    this.#check();
    const handle = this.#registered(await createSessionGroup(definition, { ...this.#options, ...origin }));
    this.#handles.set(handle.id, Promise.resolve(handle));
    return handle;
  }

  /** @throws SessionGroupsError `unknown_group`, `ambiguous_group`. */
  async get(id: string): Promise<KeptGroup> {
    this.#check();
    const stored = await this.#store.read(id);
    const { group, meta, owner, dir } = stored;
    const status = keptStatus(foldOf(stored).status, owner);
    return { group, status, meta, ...(owner ? { owner } : {}), ...(dir === undefined ? {} : { dir }) };
  }

  /** Newest first. */
  async list(filter: ListFilter = {}): Promise<readonly ListedMeta[]> {
    this.#check();
    return listGroups(this.#store, filter);
  }

  /** From the open handle, else as the journal tells it. */
  async getGroupStatus(word: string): Promise<GroupStanding> {
    this.#check();
    const id = await this.#idOf(word);
    const handle = await this.#handles.get(id);
    if (handle) return handle.getProgress();
    const stored = await this.#store.read(id);
    const { progress } = viewGroup(stored, this.#clock);
    return { ...progress, status: keptStatus(progress.status, stored.owner) };
  }

  /** The group with this whole id if it is open here; undefined where it is not. */
  opened(id: string): Promise<SessionGroupHandle> | undefined {
    return this.#handles.get(id);
  }

  /**
   * Becomes the owner of a group, whoever ran it last; nothing starts before `run`, `resume` or `retry`.
   * @throws GroupOwnedError while another process runs it; SessionGroupsError `unknown_group`, `ambiguous_group`.
   */
  async open(word: string, options: OpenOptions = {}): Promise<SessionGroupHandle> {
    this.#check();
    const id = await this.#idOf(word);
    await this.#closing.get(id);
    this.#borrowed.delete(id); // from now on the caller's
    return this.#opened(id, options);
  }

  #opened(id: string, options: OpenOptions): Promise<SessionGroupHandle> {
    const open = this.#handles.get(id);
    if (open) return open;
    const opening = openSessionGroup(id, { ...this.#options, ...options }).then(handle =>
      this.#registered(handle),
    );
    this.#handles.set(id, opening);
    opening.catch(() => this.#forget(id, opening));
    return opening;
  }

  /**
   * Replaces a group's definition, also while the group runs here; see SessionGroupHandle. A group that is not open is
   * opened for that, and closed again: nothing of it starts.
   *
   * @param definition path of a YAML or JSON file, or the definition itself.
   * @throws DefinitionError, RefusedError, GroupOwnedError while another process runs it.
   */
  update(
    word: string,
    definition: string | SessionGroupInput,
    options?: UpdateOrigin & DryRunOption,
  ): Promise<DefinitionChanges> {
    return this.#with(word, group => group.update(definition, options));
  }

  /** Adds a session; see `update`. */
  addSession(
    word: string,
    session: SessionInput,
    options?: ChangeOrigin & DryRunOption,
  ): Promise<DefinitionChanges> {
    return this.#with(word, group => group.addSession(session, options));
  }

  /** Takes a session away that has not run; see `update`. */
  removeSession(word: string, id: string, options?: DryRunOption): Promise<DefinitionChanges> {
    return this.#with(word, group => group.removeSession(id, options));
  }

  /** Changes a session; see `update`. */
  updateSession(
    word: string,
    id: string,
    changes: SessionChanges,
    options?: ChangeOrigin & DryRunOption,
  ): Promise<DefinitionChanges> {
    return this.#with(word, group => group.updateSession(id, changes, options));
  }

  /**
   * Keeps a group out of lists until it runs again.
   * @throws RefusedError `not_in_this_state` unless it is settled or has not started; GroupOwnedError.
   */
  async archive(word: string): Promise<void> {
    await archiveGroup(await this.#letGo(word, 'archived'), this.#store, this.#clock);
  }

  /**
   * Removes a group and all that is kept of it. What a dead engine left running of it is ended.
   * @throws RefusedError `group_live` while it is live here; GroupOwnedError while another process runs it.
   */
  async delete(word: string): Promise<void> {
    const id = await this.#store.remove(await this.#letGo(word, 'deleted'));
    await endOrphans(id, this.#clock);
  }

  /** Disposes of every open group, each as its handle does. The manager takes no more calls. */
  dispose(): Promise<void> {
    this.#disposed ??= this.#disposeAll();
    return this.#disposed;
  }

  async #disposeAll(): Promise<void> {
    const handles = await Promise.allSettled(this.#handles.values());
    const open = handles.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []));
    await Promise.all([...open.map(handle => handle.dispose()), ...this.#closing.values()]);
  }

  /** Uses the group's open handle, or one that lives as long as such uses do and nobody opens the group. */
  async #with<T>(word: string, use: (group: SessionGroupHandle) => Promise<T>): Promise<T> {
    this.#check();
    const id = await this.#idOf(word);
    await this.#closing.get(id);
    if (!this.#handles.has(id)) this.#borrowed.set(id, 0);
    const users = this.#borrowed.get(id);
    if (users !== undefined) this.#borrowed.set(id, users + 1);
    const opening = this.#opened(id, {});
    try {
      return await use(await opening);
    } finally {
      const left = this.#borrowed.get(id);
      if (left !== undefined && left > 1) this.#borrowed.set(id, left - 1);
      else if (left !== undefined) {
        this.#borrowed.delete(id);
        await opening.then(group => group.dispose()).catch(() => {}); // why it is not open has been told
      }
    }
  }

  /** A group that is open here at rest is closed, so that something can be done to it as a whole. */
  async #letGo(word: string, wanted: string): Promise<string> {
    this.#check();
    const id = await this.#idOf(word);
    const handle = await this.#handles.get(id);
    if (handle && isLiveGroup(handle.getResult().status)) {
      throw new RefusedError('group_live', `${id} cannot be ${wanted} while it is live`, {
        hint: 'Stop it first.',
      });
    }
    await handle?.dispose();
    await this.#closing.get(id);
    return id;
  }

  #registered(handle: SessionGroupHandle): SessionGroupHandle {
    const { id } = handle;
    let closing: Promise<void> | undefined;
    const dispose = () => {
      if (closing) return closing;
      closing = handle.dispose().finally(() => this.#closing.delete(id));
      this.#handles.delete(id);
      this.#closing.set(id, closing);
      return closing;
    };
    // What changes with the definition stays a getter.
    const properties = Object.getOwnPropertyDescriptors(handle);
    return Object.defineProperties(
      { ...handle },
      { ...properties, dispose: { value: dispose, enumerable: true } },
    );
  }

  #forget(id: string, opening: Promise<SessionGroupHandle>): void {
    if (this.#handles.get(id) === opening) this.#handles.delete(id);
  }

  async #idOf(word: string): Promise<string> {
    if (this.#handles.has(word)) return word;
    const metas = new Map((await this.#store.list({ archived: true })).map(meta => [meta.id, meta]));
    return findGroup(word, [...metas.keys()], id => metas.get(id)?.slug ?? '');
  }

  #check(): void {
    if (this.#disposed) throw new SessionGroupsError('manager_disposed', 'the manager has been disposed of');
  }
}
