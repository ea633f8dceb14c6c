import type { Observable } from 'rxjs';
import { type GroupStatus, isLiveGroup } from '../../../machines/vocabulary.ts';
import { abortable } from '../abort.ts';
import { type Clock, systemClock } from '../clock.ts';
import { workspacesOf } from '../delivery/machine-workspaces.ts';
import { SessionGroupsError } from '../errors.ts';
import { given } from '../given.ts';
import * as archive from './api/archive.ts';
import { checkedManagerOptions } from './api/check-options.ts';
import { createSessionGroup, openSessionGroup, type SetUpOption } from './api/create.ts';
import { type GroupStanding, type KeptGroup, keptGroup, standingOf } from './api/kept-group.ts';
import { type ListFilter, listGroups } from './api/list-groups.ts';
import type { DefinitionOrigin, GroupManagerOptions, SessionGroupOptions } from './api/options.ts';
import { shieldedClock } from './api/shielded-parts.ts';
import { shieldedStore } from './api/shielded-store.ts';
import type { OpenOptions } from './api/take-over.ts';
import { Turns } from './api/turns.ts';
import type { DefinitionChanges } from './definition/definition-changes.ts';
import type {
  ChangeOrigin,
  SessionChanges,
  SessionInput,
  UpdateOrigin,
} from './definition/next-definition.ts';
import { type DeliveryLook, deliveryLook } from './delivery/by-hand.ts';
import type { RepositoryUndo } from './delivery/delivered.ts';
import type { DryRunOption, SignalOption } from './engine/requests/call-options.ts';
import { OpenHandles } from './open-handles.ts';
import type { GroupRunner } from './runner.ts';
import { SessionSlots } from './schedule/session-slots.ts';
import type { ListedMeta } from './standing/kept-status.ts';
import { type AttentionList, listAttention } from './standing/list-attention.ts';
import { findGroup } from './store/find-group.ts';
import type { GroupStore, TakeOptions } from './store/store.ts';
import type { SessionGroupInput } from './types.ts';

/**
 * The groups of a store; one process can run many of them at once. A group is addressed by its id, a prefix of its id,
 * or its slug.
 *
 * MANAGER-1 one handle per group: opening a group that is already open returns the same handle.
 * MANAGER-2 nothing is archived or removed while it is live.
 * MANAGER-3 at most `maxConcurrentSessions` sessions are live at a time, and every group gets its turn.
 * MANAGER-4 calls for one group take turns, so none sees a handle that another is opening or closing.
 * MANAGER-5 once `dispose` has resolved, the manager owns no group, and calls that it overtook have been refused.
 *
 * @example
 * const manager = new GroupManager({ store: createFileStore() });
 * const group = await manager.create('session-groups.yaml');
 * await group.run();
 * await manager.archive(group.id);
 * await manager.dispose();
 */
export class GroupManager {
  readonly #handles = new OpenHandles();
  /** The groups that are open here: at once, and whenever one is opened or closed. Completes with `dispose`. */
  readonly groups$: Observable<readonly GroupRunner[]> = this.#handles.groups$;
  readonly #options: SessionGroupOptions & { readonly store: GroupStore };
  readonly #store: GroupStore;
  readonly #clock: Clock;
  readonly #turns = new Turns();
  readonly #workspaces = () => workspacesOf(this.#options, this.#clock);
  readonly #look: DeliveryLook;
  /** The host's own agents by kind, which its groups can name. */
  readonly agents: NonNullable<SessionGroupOptions['agents']>;
  #disposed: Promise<void> | undefined;

  constructor(options: GroupManagerOptions) {
    const { maxConcurrentSessions: limit, ...rest } = checkedManagerOptions(options);
    this.#options = limit === undefined ? rest : { ...rest, slots: new SessionSlots(limit) };
    this.agents = options.agents ?? {};
    this.#clock = shieldedClock(options.clock ?? systemClock);
    this.#store = shieldedStore(options.store, this.#clock);
    this.#look = deliveryLook(this.#store, this.#clock, this.#workspaces);
  }

  /**
   * Creates a group and opens it; nothing starts before `run`.
   * @param definition path of a YAML or JSON file, or the definition itself.
   * @throws DefinitionError with every problem of the definition.
   */
  async create(
    definition: string | SessionGroupInput,
    origin: DefinitionOrigin & SetUpOption = {},
  ): Promise<GroupRunner> {
    this.#assertActive();
    const handle = await this.#turns.during(async () => {
      const created = await createSessionGroup(definition, { ...this.#options, ...origin });
      if (this.#disposed) {
        await created.dispose();
        await this.#store.remove(created.id);
        throw disposedOf();
      }
      return this.#handles.add(created);
    });
    this.#assertActive();
    return handle;
  }

  /** @throws SessionGroupsError `unknown_group`, `ambiguous_group`. */
  async get(id: string, { signal }: SignalOption = {}): Promise<KeptGroup> {
    this.#assertActive();
    return keptGroup(await abortable(() => this.#store.read(id), signal));
  }

  /** Newest first. */
  async list({ signal, ...filter }: ListFilter & SignalOption = {}): Promise<readonly ListedMeta[]> {
    this.#assertActive();
    return abortable(async () => this.#look(await listGroups(this.#store, filter)), signal);
  }

  /** What waits for a person, in all groups that aren't archived. */
  async attention({ signal }: SignalOption = {}): Promise<AttentionList> {
    this.#assertActive();
    return abortable(() => listAttention(this.#store, this.#clock, this.#look), signal);
  }

  /** From the handle if the group is open here, otherwise from its journal. */
  getGroupStatus(word: string, { signal }: SignalOption = {}): Promise<GroupStanding> {
    return abortable(() => this.#statusOf(word), signal);
  }

  async #statusOf(word: string): Promise<GroupStanding> {
    this.#assertActive();
    const id = await this.#idOf(word);
    const handle = await this.#handles.of(id)?.catch(() => {}); // whoever opens it learns why that failed
    if (handle) return handle.getProgress();
    return standingOf(await this.#store.read(id), this.#clock);
  }

  /** The handle of the group with this full id; undefined if the group isn't open here. */
  opened(id: string): Promise<GroupRunner> | undefined {
    return this.#handles.of(id);
  }

  /**
   * Becomes the owner of a saved group. Nothing starts before `run`, `resume` or `retry`.
   * @throws GroupOwnedError while another process runs it; SessionGroupsError `unknown_group`, `ambiguous_group`.
   */
  async open(word: string, options: OpenOptions & SetUpOption = {}): Promise<GroupRunner> {
    const open = async (id: string) =>
      this.#handles.of(id) ??
      this.#handles.opening(id, openSessionGroup(id, { ...this.#options, ...options }));
    const handle = await this.#inTurn(word, open, options.signal);
    this.#assertActive();
    return handle;
  }

  /**
   * Replaces a group's definition, also while the group runs here; see GroupRunner. A group that isn't open is
   * opened for this and closed again, without starting anything.
   *
   * @param definition path of a YAML or JSON file, or the definition itself.
   * @throws DefinitionError, RefusedError, GroupOwnedError while another process runs it.
   */
  update(
    word: string,
    definition: string | SessionGroupInput,
    options?: UpdateOrigin & DryRunOption,
  ): Promise<DefinitionChanges> {
    return this.#with(word, group => group.update(definition, options), options?.signal);
  }

  /** Adds a session; see `update`. */
  addSession(
    word: string,
    session: SessionInput,
    options?: ChangeOrigin & DryRunOption,
  ): Promise<DefinitionChanges> {
    return this.#with(word, group => group.addSession(session, options), options?.signal);
  }

  /** Removes a session that hasn't run; see `update`. */
  removeSession(word: string, id: string, options?: DryRunOption): Promise<DefinitionChanges> {
    return this.#with(word, group => group.removeSession(id, options), options?.signal);
  }

  /** Changes a session; see `update`. */
  updateSession(
    word: string,
    id: string,
    changes: SessionChanges,
    options?: ChangeOrigin & DryRunOption,
  ): Promise<DefinitionChanges> {
    return this.#with(word, group => group.updateSession(id, changes, options), options?.signal);
  }

  /**
   * Archives a group: hides it from lists until it runs again.
   * @throws RefusedError `not_in_this_state` unless it is settled or hasn't started; GroupOwnedError.
   */
  archive(word: string, options: TakeOptions & SignalOption = {}): Promise<void> {
    const put = async (id: string) => {
      await this.#close(id, 'archived', archive.checkArchivable);
      await archive.archiveGroup(id, this.#store, this.#clock, options);
    };
    return abortable(() => this.#inTurn(word, put, options.signal), options.signal);
  }

  /**
   * Deletes a group with its trees, its branches and all its data. Also ends processes that a dead engine left running.
   * @throws RefusedError `group_live` while it is live here; GroupOwnedError while another process runs it;
   * UnmergedWorkError for work that is in no branch of the user's.
   */
  delete(word: string, options?: archive.LeaveOptions & SignalOption): Promise<void> {
    return this.#closed(word, 'deleted', archive.deleteGroup, options);
  }

  /** Takes away the trees of settled sessions whose work is merged; branches stay. @throws RefusedError, GroupOwnedError. */
  clean(word: string, options?: archive.LeaveOptions & SignalOption): Promise<archive.CleanOutcome> {
    return this.#closed(word, 'cleaned', archive.cleanGroup, options);
  }

  /**
   * Takes back a delivery that stopped part-way; a resume would go on with it instead. All or nothing.
   * @returns of each repository, which refs went back.
   * @throws RefusedError `workspace_moved` once a branch has moved on, `not_in_this_state`; GroupOwnedError.
   */
  undoDelivery(word: string, options?: TakeOptions & SignalOption): Promise<readonly RepositoryUndo[]> {
    return this.#closed(word, 'taken back', archive.undoDelivery, options);
  }

  /** Disposes of every open group's handle. The manager accepts no more calls. */
  dispose(): Promise<void> {
    const over = async () => void (await Promise.all([this.#turns.over(), this.#handles.dispose()]));
    this.#disposed ??= over().finally(() => this.#handles.over());
    return this.#disposed;
  }

  readonly [Symbol.asyncDispose] = (): Promise<void> => this.dispose();

  /** Uses the group's open handle, or a temporary one. */
  #with<T>(word: string, use: (group: GroupRunner) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const call = async (id: string) => {
      const open = this.#handles.of(id);
      if (open) return use(await open);
      const group = await openSessionGroup(id, { ...this.#options, ...given({ signal }) });
      try {
        return await use(group);
      } finally {
        await group.dispose().catch(() => {}); // the call itself says what was kept
      }
    };
    return abortable(() => this.#inTurn(word, call, signal), signal);
  }

  /** Closes a group, and does something with what is saved of it. */
  #closed<T>(
    word: string,
    wanted: string,
    use: (...args: Parameters<typeof archive.cleanGroup>) => Promise<T>,
    { signal, ...options }: archive.LeaveOptions & SignalOption = {},
  ): Promise<T> {
    const call = async (id: string) => {
      await this.#close(id, wanted);
      const how = { ...this.#options, ...options, workspaces: this.#workspaces };
      return use(id, this.#store, this.#clock, how);
    };
    return abortable(() => this.#inTurn(word, call, signal), signal);
  }

  /** Closes a group that is open here at rest, so that it can be archived or deleted. */
  async #close(id: string, wanted: string, check?: (id: string, status: GroupStatus) => void): Promise<void> {
    const handle = await this.#handles.of(id);
    const status = handle?.getResult().status;
    if (status && isLiveGroup(status)) throw archive.stillLive(id, wanted);
    if (status) check?.(id, status); // who has it open keeps it if the request is refused
    await handle?.dispose();
  }

  /** Calls once the calls before it for this group are over, and its handle is open or closed; not once it is aborted. */
  async #inTurn<T>(word: string, call: (id: string) => Promise<T>, signal?: AbortSignal): Promise<T> {
    this.#assertActive();
    return this.#turns.during(async () => {
      const id = await abortable(() => this.#idOf(word), signal);
      const turn = async () => {
        await this.#handles.closed(id);
        this.#assertActive();
        signal?.throwIfAborted();
        return call(id);
      };
      return this.#turns.take(id, turn, signal);
    });
  }

  async #idOf(word: string): Promise<string> {
    if (this.#handles.of(word)) return word;
    const metas = new Map((await this.#store.list({ archived: true })).map(meta => [meta.id, meta]));
    return findGroup(word, [...metas.keys()], id => metas.get(id)?.slug ?? '');
  }

  #assertActive(): void {
    if (this.#disposed) throw disposedOf();
  }
}

const disposedOf = () =>
  new SessionGroupsError('manager_disposed', 'the manager has been disposed of', {
    hint: 'Create a new one.',
  });
