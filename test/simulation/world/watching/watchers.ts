import { isSettledGroup } from '../../../../machines/vocabulary.ts';
import type { GroupEvent } from '../../../../src/sdk/group/journal/events.ts';
import type { GroupProgress } from '../../../../src/sdk/group/progress/progress.ts';
import type { GroupRunner } from '../../../../src/sdk/group/runner.ts';
import type { SeenEvent } from '../../history.ts';
import { isOfDead, outcomeOfWeb } from '../outcome.ts';
import type { SimulatedProcess } from '../process.ts';
import type { Simulation } from '../simulation.ts';

/** Processes that only look: they never own the group. */
const [BY_CONTROL, BY_HTTP, FROM_DISK] = [1, 2, 3];

/** Everyone who watches events, or looks at the group now and then. */
export class Watchers {
  readonly #of: Simulation;
  readonly #watched = new Map<SimulatedProcess, { seq: number; open: boolean }>();
  #count = 0;
  #control: 'none' | 'open' = 'none';
  #controlSeq = 0;
  #news = true;

  constructor(simulation: Simulation) {
    this.#of = simulation;
  }

  /** A host that follows its own group from within the process. */
  watch(process: SimulatedProcess, handle: GroupRunner): void {
    const state = { seq: 0, open: true };
    this.#watched.set(process, state);
    this.#follow(process, state, handle.events$, 'live');
  }

  #follow(
    process: SimulatedProcess,
    state: { seq: number; open: boolean },
    events: GroupRunner['events$'],
    kind: 'live' | 'replay',
  ): void {
    this.#count += 1;
    const watcher = `${kind} ${this.#count}`;
    const { pid } = process;
    if (kind === 'replay') this.#of.tell({ kind: 'watch.began', pid, watcher, fromSeq: state.seq });
    const end = (): void => {
      state.open = false;
      if (process.alive) this.#of.tell({ kind: 'watch.ended', pid, watcher });
    };
    events.subscribe({
      next: event => {
        if (!process.alive) return;
        state.seq = event.seq + 1;
        this.#event(pid, watcher, event);
        this.#of.callers.within(event);
      },
      error: end,
      complete: end,
    });
  }

  #event(pid: number, watcher: string, event: GroupEvent): void {
    if (event.type === 'group_updated') this.#of.updated(event);
    this.#of.tell({ kind: 'event', pid, watcher, event: event as SeenEvent });
  }

  /** After each step. What an owner shows while it writes is ahead of the journal: nobody looks until it is done. */
  async look(somethingHappened: boolean): Promise<void> {
    const { processes, plan, step } = this.#of;
    this.#news ||= somethingHappened;
    if ([...processes.values()].some(({ alive, unwritten }) => alive && unwritten > 0)) return;
    for (const process of processes.values()) {
      const { handle } = process;
      if (!process.alive || process.frozen || handle === undefined) continue;
      if (somethingHappened) this.#of.observer.picture(process.pid, 'handle', handle.getProgress());
      const state = this.#watched.get(process);
      if (state === undefined || state.open || isSettledGroup(handle.getProgress().status)) continue;
      state.open = true;
      this.#follow(process, state, handle.journal$(state.seq), 'replay');
    }
    if (!this.#news || step === 0) return;
    if (step % plan.looks.disk === 0) await this.#fromDisk();
    if (step % plan.looks.control === 0) this.#overTheWire();
    if (step % plan.looks.http === 0) void this.#overHttp();
    if (step % plan.looks.http === 0) this.#news = false;
  }

  /** At rest: everyone sees the same. */
  async lookAtAll(): Promise<void> {
    for (const { alive, frozen, pid, handle } of this.#of.processes.values()) {
      if (alive && !frozen && handle) this.#of.observer.picture(pid, 'handle', handle.getProgress(), true);
    }
    await this.#fromDisk(true);
    this.#overTheWire();
    void this.#overHttp();
  }

  async #fromDisk(always = false): Promise<void> {
    const reader = this.#of.processAt(FROM_DISK);
    try {
      await this.#of.observer.fromDisk(reader, always);
    } catch (error) {
      if (!isOfDead(error)) this.#of.violate('§8 a saved group can be read', String(error));
    }
  }

  get #ownerListens(): boolean {
    const { owner } = this.#of;
    return owner?.served !== undefined && !owner.frozen;
  }

  #overTheWire(): void {
    if (!this.#ownerListens) return;
    const process = this.#of.processAt(BY_CONTROL);
    const { owner } = this.#of;
    if (process === owner) return;
    void this.#of.callers
      .overTheWire(process, client => client.request('status', {}))
      .then(
        progress => this.#of.observer.picture(process.pid, 'control', progress),
        () => {},
      );
    if (this.#control === 'none') void this.#watchOverTheWire(process);
  }

  /** Follows the owner from another process, from where it had to stop. */
  async #watchOverTheWire(process: SimulatedProcess): Promise<void> {
    this.#control = 'open';
    this.#count += 1;
    const watcher = `control ${this.#count}`;
    try {
      await this.#of.callers.overTheWire(process, async client => {
        this.#of.tell({ kind: 'watch.began', pid: process.pid, watcher, fromSeq: this.#controlSeq });
        for await (const event of client.watch({ fromSeq: this.#controlSeq })) {
          if (!process.alive) return;
          this.#controlSeq = event.seq + 1;
          this.#event(process.pid, watcher, event);
        }
      });
    } catch {
      // Its owner is gone: it follows the next one.
    }
    this.#control = 'none';
    if (process.alive) this.#of.tell({ kind: 'watch.ended', pid: process.pid, watcher });
  }

  async #overHttp(): Promise<void> {
    const { groupId } = this.#of.observer;
    const process = this.#of.processAt(BY_HTTP);
    if (groupId === undefined || !process.alive || this.#of.owner?.frozen) return;
    const { status, body } = await this.#of.callers.site(process).ask('GET', `/groups/${groupId}`);
    if (status === 200) this.#of.observer.picture(process.pid, 'http', body.progress as GroupProgress);
    else if (status === 404 && outcomeOfWeb({ status, body }).code === 'unknown_group')
      await this.#of.observer.unknown(process, 'http');
    else if (process.alive) this.#of.violate('§8 a saved group can be read', JSON.stringify(body));
  }
}
