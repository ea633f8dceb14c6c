import type { Observable } from 'rxjs';
import type { Clock } from '../../sdk/clock.ts';
import type { GroupAccess } from './access.ts';
import { EventFrames } from './frames.ts';
import { GroupWatch } from './group-watch.ts';
import { Turns } from './turns.ts';

/** The groups that have viewers; each group has one watch. */
export class Watches {
  readonly #access: GroupAccess;
  readonly #clock: Clock;
  readonly #moved: Observable<string>;
  /** In which live events are sent. */
  readonly turns: Turns;
  readonly #open = new Map<string, Watching>();

  constructor(access: GroupAccess, clock: Clock, moved: Observable<string>) {
    this.#access = access;
    this.#clock = clock;
    this.turns = new Turns(clock);
    this.#moved = moved;
  }

  /** Call `release` when done. */
  watch(id: string): Pick<Watching, 'watch' | 'frames'> & { release(): void } {
    const known = this.#open.get(id);
    const entry: Watching =
      known === undefined || known.watch.isOver
        ? { watch: this.#newWatch(id), frames: new EventFrames(), viewers: 0 }
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
    const { watch, frames } = entry;
    return { watch, frames, release };
  }

  #newWatch(id: string): GroupWatch {
    return new GroupWatch(id, this.#access, this.#clock, this.#moved, this.turns);
  }

  /** The server is closing: all viewers get a last update. */
  async finish(): Promise<void> {
    await Promise.all([...this.#open.values()].map(({ watch }) => watch.finish()));
  }
}

/** What the viewers of a group share. */
interface Watching {
  readonly watch: GroupWatch;
  readonly frames: EventFrames;
  viewers: number;
}
