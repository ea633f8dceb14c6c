import { type Observable, Subject } from 'rxjs';
import { isLiveGroup, isSettledGroup } from '../../../machines/vocabulary.ts';
import { currentGroup } from '../../control/current-group.ts';
import { isTransient } from '../../control/reach.ts';
import { readSaved } from '../../control/read-saved.ts';
import type { ControlClient } from '../../control/wire/client.ts';
import { isNotAnswering } from '../../control/wire/failure.ts';
import { untilAborted } from '../../sdk/abort.ts';
import type { Clock } from '../../sdk/clock.ts';
import { given } from '../../sdk/given.ts';
import type { GroupEventType } from '../../sdk/group/journal/events.ts';
import type { GroupProgress } from '../../sdk/group/progress/progress.ts';
import { type KeptStatus, keptStatus } from '../../sdk/group/standing/kept-status.ts';
import type { StoredGroup } from '../../sdk/group/store/store.ts';
import { isOfAttempts } from '../../words/attempts.ts';
import type { ProgressUpdate } from '../api-types.ts';
import { type GroupAccess, ownerView } from './access.ts';
import { changed, stampOf } from './changes.ts';
import { frame } from './frames.ts';
import { SessionDelta } from './session-delta.ts';
import { TURN_MS, type Turns } from './turns.ts';

/** An update for a viewer, and its version. */
export interface Watched {
  readonly version: number;
  /** A `ProgressUpdate`. */
  readonly frame: Uint8Array;
  readonly status: KeptStatus;
  /** The last update: the group is settled and not running, or the server is closing. */
  readonly last: boolean;
}

/** At most one update in each turn; fewer, down to one in two seconds, if they are expensive. */
const LONGEST_REST_MS = 2_000;
const restAfter = (costMs: number): number => Math.min(LONGEST_REST_MS, costMs * 30);
/** Interval for changes without an event, such as those that only time causes. */
const REFRESH_MS = 1_000;

/** Events that change the revision: viewers have to read approvals and sessions again. */
const REVISION_EVENTS: ReadonlySet<GroupEventType> = new Set<GroupEventType>([
  'approval_requested',
  'approval_answered',
  'session_added',
  'group_updated',
]);

/**
 * Watches one group on behalf of all its viewers, across changes of its owner.
 *
 * WATCH-1 a slow viewer skips outdated updates; nothing is buffered for it.
 * WATCH-2 without viewers the group is not read.
 * WATCH-3 an update shows a change: none follows only because time passes or the group was read again.
 */
export class GroupWatch {
  readonly #id: string;
  readonly #access: GroupAccess;
  readonly #clock: Clock;
  readonly #moved: Observable<string>;
  readonly #turns: Turns;
  readonly #stopped = new AbortController();
  readonly #delta = new SessionDelta();
  #standing: Standing | undefined;
  /** By the version that a viewer has seen; until something changes. */
  readonly #made = new Map<number, Watched>();
  /** Brings durations up to date for a viewer that sees the group for the first time. */
  #refresh = () => {};
  #revision = 0;
  #isLast = false;
  #failure: { readonly error: unknown } | undefined;
  readonly #changes = new Subject<void>();

  constructor(id: string, access: GroupAccess, clock: Clock, moved: Observable<string>, turns: Turns) {
    this.#id = id;
    this.#access = access;
    this.#clock = clock;
    this.#moved = moved;
    this.#turns = turns;
    void this.#follow().catch(error => {
      if (this.#stopped.signal.aborted) return;
      this.#failure = { error };
      this.#changes.next();
    });
  }

  /** Whether no more updates follow. */
  get isOver(): boolean {
    return this.#isLast || this.#failure !== undefined;
  }

  /**
   * Resolves with the changes since that version as soon as there are any; 0 asks for everything.
   * @throws the error if the group cannot be read; the signal's reason.
   */
  async next(version: number, signal: AbortSignal): Promise<Watched> {
    for (;;) {
      signal.throwIfAborted();
      if (this.#failure) throw this.#failure.error;
      if (this.#standing && this.#delta.version > version) {
        if (version === 0) this.#refresh();
        return this.#updateSince(version, this.#standing);
      }
      await untilAborted(this.#changes, signal);
    }
  }

  /** Viewers that have seen the same version share what is sent. */
  #updateSince(version: number, standing: Standing): Watched {
    const known = this.#made.get(version);
    if (known) return known;
    const sessions = this.#delta.since(version);
    const update: ProgressUpdate = { ...standing, revision: this.#revision, full: version === 0, sessions };
    const { status } = standing;
    const made = {
      version: this.#delta.version,
      frame: frame('progress', update),
      status,
      last: this.#isLast,
    };
    this.#made.set(version, made);
    return made;
  }

  /** The server is closing: viewers get a last update. */
  async finish(): Promise<void> {
    if (this.isOver) return;
    this.#stopped.abort();
    try {
      const { stored, progress } = await currentGroup(await this.#access.read(this.#id), this.#access);
      this.#isLast = true;
      this.#publish(progress, stored);
    } catch (error) {
      this.#failure = { error };
      this.#changes.next();
    }
  }

  /** No viewers are left. */
  stop(): void {
    this.#stopped.abort();
  }

  async #follow(): Promise<void> {
    const { signal } = this.#stopped;
    const { dir } = await this.#access.read(this.#id);
    for (;;) {
      const stamp = await stampOf(dir);
      const began = this.#clock.monotonic();
      const stored = await this.#access.read(this.#id);
      const { view } = await readSaved(stored, this.#access);
      const restMs = restAfter(this.#clock.monotonic() - began);
      try {
        // One that is suspended answers nothing.
        const asked = stored.owner?.suspended ? undefined : this.#access.ownerOf(stored);
        if (asked) await this.#followOwner(await asked, stored, view.nextSeq);
      } catch (error) {
        if (!isTransient(error) && !isNotAnswering(error)) throw error; // the journal shows the group, too
      }
      signal.throwIfAborted();
      const later = await this.#access.read(this.#id);
      const { progress } = await currentGroup(later, this.#access);
      signal.throwIfAborted();
      const status = keptStatus(progress.status, later.owner);
      this.#isLast = isSettledGroup(status) && later.owner?.alive !== true;
      this.#publish(progress, later);
      if (this.#isLast) return;
      const options = { clock: this.#clock, moved: this.#moved, signal, restMs };
      await changed(later, stamp, options);
    }
  }

  /** Runs until the events end or the owner disconnects. */
  async #followOwner(client: ControlClient, stored: StoredGroup, fromSeq: number): Promise<void> {
    const suspended = new AbortController();
    const signal = AbortSignal.any([this.#stopped.signal, suspended.signal]);
    const clock = this.#clock;
    let timer: unknown;
    let due = Number.POSITIVE_INFINITY;
    let costMs = 0;
    let ended = false;
    let seen = -1;
    let seenAllAt = 0;
    /** Of a group in this process, only what may have changed since that version: -1 is everything. */
    const ask = (since: number): GroupProgress | undefined => {
      const found = client.progressSince?.(since);
      seen = found?.version ?? -1;
      if (since === -1) seenAllAt = clock.monotonic();
      return found?.progress;
    };
    const look = async () => {
      due = Number.POSITIVE_INFINITY;
      clock.clearTimeout(timer);
      const began = clock.monotonic();
      const progress = ask(seen) ?? (await this.#askOwner(client, signal, () => suspended.abort()));
      if (ended || signal.aborted) return;
      this.#publish(progress, stored);
      costMs = clock.monotonic() - began;
      if (isLiveGroup(progress.status)) lookIn(REFRESH_MS);
    };
    const lookIn = (ms: number) => {
      const at = clock.monotonic() + Math.max(ms, restAfter(costMs));
      if (ended || at >= due) return;
      due = at;
      clock.clearTimeout(timer);
      // The event stream detects that the owner has gone.
      timer = clock.setTimeout(() => void look().catch(() => {}), at - clock.monotonic());
    };
    this.#refresh = () => {
      if (clock.monotonic() - seenAllAt < TURN_MS) return;
      const progress = ask(-1);
      if (progress) this.#publish(progress, stored);
    };
    try {
      await look();
      for await (const events of client.watchBatches({ fromSeq }, { signal })) {
        for (const { type } of events)
          if (isOfAttempts(type) || REVISION_EVENTS.has(type)) this.#revision += 1;
        await this.#turns.next(signal);
        // In the turn in which streams send the same events, so that all that a viewer gets is one write to its socket.
        if (client.progressSince && restAfter(costMs) <= TURN_MS) await look();
        else lookIn(0);
      }
    } catch (error) {
      if (!suspended.signal.aborted) throw error;
    } finally {
      ended = true;
      this.#refresh = () => {};
      clock.clearTimeout(timer);
      client.close();
    }
  }

  /** @param onSuspended called if the owner does not answer because it is suspended. */
  async #askOwner(
    client: ControlClient,
    signal: AbortSignal,
    onSuspended: () => void,
  ): Promise<GroupProgress> {
    const look = async (): Promise<void> => {
      const { owner } = await this.#access.read(this.#id);
      if (owner?.suspended) onSuspended();
    };
    const timer = this.#clock.setTimeout(() => void look().catch(() => {}), REFRESH_MS);
    try {
      return await client.request('status', {}, { signal });
    } finally {
      this.#clock.clearTimeout(timer);
    }
  }

  #publish({ sessions, ...rest }: GroupProgress, stored: StoredGroup): void {
    const status = keptStatus(rest.status, stored.owner);
    this.#standing = {
      ...rest,
      status,
      ...given({ owner: ownerView(stored), ownerUnreadable: stored.ownerUnreadable }),
    };
    const shown = { ...this.#standing, revision: this.#revision, last: this.#isLast };
    this.#made.clear();
    if (this.#delta.take(sessions, shown)) this.#changes.next();
  }
}

type Standing = Omit<ProgressUpdate, 'sessions' | 'full' | 'revision'>;
