import type { Admission } from '../../../../machines/contract.ts';
import { BlockedCandidates } from './blocked-candidates.ts';
import type { RosterSpec } from './roster-spec.ts';
import type { Schedule } from './schedule.ts';
import type { SessionsInPlay } from './sessions-in-play.ts';

/**
 * The slots of one group: who holds one, and who gets the next.
 *
 * SLOTS-1 `live` equals the number of slots held, and never exceeds `maxConcurrent` (I3).
 * SLOTS-2 a session holds its project's place exactly while it holds a slot.
 * SLOTS-3 candidates that wait for a project or an account are set aside, so that `ready` counts only what a slot
 *    would start, and an admission always leaves fewer candidates to try. Whoever waits for a project is tried
 *    again when a place in it is freed, and when the candidate ahead is withdrawn or set aside.
 * SLOTS-4 a session holds a shared slot exactly while it holds one of the group's. Where none is to be had, nothing is
 *    `ready` until the roster is told to reconsider: the candidates keep their order.
 */
export class Admissions {
  #spec: RosterSpec;
  #schedule: Schedule;
  #inPlay: SessionsInPlay;
  readonly #aside: BlockedCandidates;
  readonly #inProject: Map<string, number>;
  #noSharedSlot: boolean;
  #live: number;

  constructor(spec: RosterSpec, schedule: Schedule, inPlay: SessionsInPlay, from?: Admissions) {
    this.#spec = spec;
    this.#schedule = schedule;
    this.#inPlay = inPlay;
    this.#aside = new BlockedCandidates(
      values => this.#schedule.newQueue(values),
      from ? from.#aside : undefined,
    );
    this.#inProject = new Map(from ? from.#inProject : []);
    this.#noSharedSlot = from ? from.#noSharedSlot : false;
    this.#live = from ? from.#live : 0;
  }

  /** Goes on over another graph. Nobody may be set aside: `takeBackAll` sees to that. */
  over(spec: RosterSpec, schedule: Schedule, inPlay: SessionsInPlay): void {
    this.#spec = spec;
    this.#schedule = schedule;
    this.#inPlay = inPlay;
    this.#noSharedSlot = false;
  }

  get live(): number {
    return this.#live;
  }

  get ready(): number {
    return this.#noSharedSlot ? 0 : this.#schedule.ready;
  }

  /** There is nobody to admit, whatever becomes free. */
  get noCandidates(): boolean {
    return this.#schedule.ready === 0 && this.#aside.size === 0;
  }

  next(): Admission | undefined {
    const index = this.#schedule.take();
    const node = index === undefined ? undefined : this.#spec.graph.nodes[index];
    if (!node) return undefined;
    if (!this.#spec.gates.isAccountOpen(node.id)) {
      this.#aside.forAccount(node.index);
      this.#promote(this.#spec.projectOf(node.id));
      return undefined;
    }
    const project = this.#spec.projectOf(node.id);
    const inProject = this.#inProject.get(project) ?? 0;
    const { gates } = this.#spec;
    if (inProject >= this.#spec.concurrency.maxPerProject) {
      this.#aside.forProject(node.index, project);
      return undefined;
    }
    if (gates.takeSlot?.(node.id) === false) {
      this.#noSharedSlot = true;
      this.#giveBack(node.index);
      return undefined;
    }
    if (!gates.enterProject(node.id, project)) {
      gates.freeSlot?.(node.id);
      this.#aside.forProject(node.index, project);
      return undefined;
    }
    this.#inProject.set(project, inProject + 1);
    const fresh = !this.#inPlay.at(node.index)?.actor;
    this.#inPlay.set(node.index, { actor: true, slot: true, parked: undefined, held: false });
    this.#live++;
    this.#schedule.started(node.index);
    return { id: node.id, fresh };
  }

  freeSlot(index: number): void {
    const id = this.#spec.graph.nodes[index]?.id;
    if (!this.#inPlay.at(index)?.slot || id === undefined) return;
    this.#inPlay.change(index, { slot: false });
    this.#live--;
    const project = this.#spec.projectOf(id);
    this.#inProject.set(project, (this.#inProject.get(project) ?? 1) - 1);
    this.#spec.gates.leaveProject(id, project);
    this.#spec.gates.freeSlot?.(id);
    this.#promote(project);
  }

  /** No candidate any more; the place in its project that it might have taken is offered to the next. */
  withdraw(index: number): void {
    const id = this.#spec.graph.nodes[index]?.id;
    this.#aside.remove(index);
    if (this.#schedule.withdraw(index) && id !== undefined) this.#promote(this.#spec.projectOf(id));
  }

  /** Shared slots, projects or accounts may have become free: what was set aside is judged again. */
  reconsider(): void {
    this.#noSharedSlot = false;
    for (const index of this.#aside.takeAccounts()) this.#giveBack(index);
    for (const project of this.#aside.projects()) this.#promote(project);
  }

  /** Nobody is set aside any more. */
  takeBackAll(): void {
    for (const index of this.#aside.takeAll()) this.#giveBack(index);
  }

  /** Of those that have not started nobody is set aside any more. */
  takeBackUnstarted(): void {
    for (const index of this.#aside.indices()) {
      if (!this.#inPlay.has(index) && this.#aside.remove(index)) this.#giveBack(index);
    }
  }

  /** What a candidate was set aside for. */
  kindOf(index: number): 'project' | 'account' | undefined {
    return this.#aside.kindOf(index);
  }

  /** The slots of which one is waited for: the group's own, or where those are not all taken the shared ones. */
  get slots(): { readonly live: number; readonly maxConcurrent: number } {
    const own = { live: this.#live, maxConcurrent: this.#spec.concurrency.maxConcurrent };
    return (this.waitsForOthers ? this.#spec.gates.sharedSlots?.() : undefined) ?? own;
  }

  /** Candidates wait for a shared slot, which other groups have. */
  get waitsForOthers(): boolean {
    const ownLeft = this.#live < this.#spec.concurrency.maxConcurrent;
    return this.#noSharedSlot && ownLeft && this.#schedule.ready > 0;
  }

  /** Whether a candidate was set aside because this project was full. */
  waitsForProject(project: string): boolean {
    return this.#aside.waitsForProject(project);
  }

  holdersOf(project: string): string[] {
    return this.#inPlay.ids(session => session.slot).filter(id => this.#spec.projectOf(id) === project);
  }

  /** One place became free: the best that waits for it is a candidate again. */
  #promote(project: string): void {
    const next = this.#aside.nextOf(project);
    if (next !== undefined) this.#giveBack(next);
  }

  #giveBack(index: number): void {
    this.#schedule.giveBack(index, this.#inPlay.has(index));
  }
}
