import { BehaviorSubject, type Observable } from 'rxjs';
import { SafeObservable } from './journal/streams/safe-observable.ts';
import type { GroupRunner } from './runner.ts';

/** The handles of the groups that are open in this process, by full id. One that is disposed of is open no more. */
export class OpenHandles {
  readonly #open = new Map<string, Promise<GroupRunner>>();
  /** Handles that are being disposed of. */
  readonly #closing = new Map<string, Promise<void>>();
  readonly #groups = new BehaviorSubject<readonly GroupRunner[]>([]);
  /** The current ones, replayed to late subscribers; completes when nothing more will be opened. */
  readonly groups$: Observable<readonly GroupRunner[]> = new SafeObservable(subscriber =>
    this.#groups.subscribe(subscriber),
  );

  of(id: string): Promise<GroupRunner> | undefined {
    return this.#open.get(id);
  }

  add(handle: GroupRunner): GroupRunner {
    this.#open.set(handle.id, Promise.resolve(this.#kept(handle)));
    return handle;
  }

  /** Keeps a handle that is being opened; if that fails, the group is not open. */
  opening(id: string, handle: Promise<GroupRunner>): Promise<GroupRunner> {
    const opening = handle.then(opened => this.#kept(opened));
    this.#open.set(id, opening);
    opening.catch(() => {
      if (this.#open.get(id) === opening) this.#open.delete(id);
    });
    return opening;
  }

  /** Resolves once the group's handle is not being disposed of; whoever does that learns what is wrong. */
  async closed(id: string): Promise<void> {
    await this.#closing.get(id)?.catch(() => {});
  }

  async dispose(): Promise<void> {
    const handles = await Promise.allSettled(this.#open.values());
    const open = handles.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []));
    await Promise.all([...open.map(handle => handle.dispose()), ...this.#closing.values()]);
  }

  over(): void {
    this.#groups.complete();
  }

  #kept(handle: GroupRunner): GroupRunner {
    const { id } = handle;
    this.#groups.next([...this.#groups.value, handle]);
    handle.onDisposed(over => {
      this.#open.delete(id);
      this.#groups.next(this.#groups.value.filter(other => other !== handle));
      this.#closing.set(id, over);
      const closed = () => void this.#closing.delete(id);
      over.then(closed, closed);
    });
    return handle;
  }
}
