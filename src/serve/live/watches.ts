import type { Observable } from 'rxjs';
import type { Clock } from '../../sdk/clock.ts';
import type { GroupAccess } from './access.ts';
import { GroupWatch } from './group-watch.ts';

/** The groups that have viewers; each group has one watch. */
export class Watches {
  readonly #access: GroupAccess;
  readonly #clock: Clock;
  readonly #moved: Observable<string>;
  readonly #open = new Map<string, { readonly watch: GroupWatch; viewers: number }>();

  constructor(access: GroupAccess, clock: Clock, moved: Observable<string>) {
    this.#access = access;
    this.#clock = clock;
    this.#moved = moved;
  }

  /** Call `release` when done. */
  watch(id: string): { readonly watch: GroupWatch; release(): void } {
    const known = this.#open.get(id);
    const entry =
      known === undefined || known.watch.isOver
        ? { watch: new GroupWatch(id, this.#access, this.#clock, this.#moved), viewers: 0 }
        : known;
    this.#open.set(id, entry);
    entry.viewers += 1;
    let released = false;
    const release = () => {
      if (released) return;
      released = true;
      entry.viewers -= 1;
      if (entry.viewers > 0) return;
      entry.watch.stop();
      if (this.#open.get(id) === entry) this.#open.delete(id);
    };
    return { watch: entry.watch, release };
  }

  /** The server is closing: all viewers get a last update. */
  async finish(): Promise<void> {
    await Promise.all([...this.#open.values()].map(({ watch }) => watch.finish()));
  }
}
