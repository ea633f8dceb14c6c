import type { Admission } from '../../../../machines/contract.ts';
import { BlockedCandidates } from './blocked-candidates.ts';
import type { RosterSpec } from './roster-spec.ts';
import type { Schedule } from './schedule.ts';
import type { SessionsInPlay } from './sessions-in-play.ts';

/**
 * The slots of one group: which sessions hold one, and which gets the next.
 *
 * SLOTS-1 `live` equals the number of slots held; none is given while it is `maxConcurrent` or more (I3).
 * SLOTS-2 a session occupies a place in its project exactly while it holds a slot.
 * SLOTS-3 candidates blocked by a project or an account are set aside, so that `ready` counts only sessions that a
 *    slot would start, and every admission leaves fewer candidates. A candidate blocked by a project is tried again
 *    when a place in it becomes free, and when the candidate ahead is withdrawn or set aside.
 * SLOTS-4 a session holds a shared slot exactly while it holds one of the group's. If none is available, nothing is
 *    `ready` until the roster is told to reconsider; the candidates keep their order.
 */
export class Admissions {
  #spec: RosterSpec;
  #schedule: Schedule;
  #inPlay: SessionsInPlay;
  readonly #blocked: BlockedCandidates;
  readonly #inProject: Map<string, number>;
  #noSharedSlot: boolean;
  #live: number;

  constructor(spec: RosterSpec, schedule: Schedule, inPlay: SessionsInPlay, from?: Admissions) {
    this.#spec = spec;
    this.#schedule = schedule;
    this.#inPlay = inPlay;
    this.#blocked = new BlockedCandidates(
      values => this.#schedule.newQueue(values),
      from ? from.#blocked : undefined,
    );
    this.#inProject = new Map(from ? from.#inProject : []);
    this.#noSharedSlot = from ? from.#noSharedSlot : false;
    this.#live = from ? from.#live : 0;
  }

  /** Switches to another graph. No candidate may be blocked; call `takeBackAll` first. */
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

  /** There is nothing to admit, whatever becomes free. */
  get noCandidates(): boolean {
    return this.#schedule.ready === 0 && this.#blocked.size === 0;
  }

  /** The best candidate has no actor yet. */
  get nextIsFresh(): boolean {
    const index = this.#schedule.next;
    return index !== undefined && this.#inPlay.at(index)?.actor !== true;
  }

  /** Undefined where the candidate's project or account was not free. */
  next(): Admission | undefined {
    const index = this.#schedule.take();
    const node = index === undefined ? undefined : this.#spec.graph.nodes[index];
    if (!node) return undefined;
    if (!this.#spec.gates.isAccountOpen(node.id)) {
      this.#blocked.forAccount(node.index);
      this.#promote(this.#spec.projectOf(node.id));
      return undefined;
    }
    const project = this.#spec.projectOf(node.id);
    const inProject = this.#inProject.get(project) ?? 0;
    const { gates } = this.#spec;
    if (inProject >= this.#spec.concurrency.maxPerProject) {
      this.#blocked.forProject(node.index, project);
      return undefined;
    }
    if (gates.takeSlot?.(node.id) === false) {
      this.#noSharedSlot = true;
      this.#giveBack(node.index);
      return undefined;
    }
    if (!gates.enterProject(node.id, project)) {
      gates.freeSlot?.(node.id);
      this.#blocked.forProject(node.index, project);
      return undefined;
    }
    this.#inProject.set(project, inProject + 1);
    const fresh = !this.#inPlay.at(node.index)?.actor;
    this.#inPlay.set(node.index, { actor: true, slot: true, parked: undefined, held: false });
    this.#live++;
    this.#schedule.started(node.index);
    return { id: node.id, fresh };
  }

  /** Takes back the slot of a session that was at work elsewhere while its engine was gone, however many are taken. */
  adopt(index: number): void {
    const id = this.#spec.graph.nodes[index]?.id;
    if (id === undefined) return;
    const { gates } = this.#spec;
    const project = this.#spec.projectOf(id);
    gates.keepSlot?.(id);
    gates.enterProject(id, project);
    this.#inProject.set(project, (this.#inProject.get(project) ?? 0) + 1);
    this.#inPlay.change(index, { actor: true, slot: true, parked: undefined });
    this.#live++;
    this.#schedule.started(index);
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

  /** Removes a candidate; the next one of its project gets a chance instead. */
  withdraw(index: number): void {
    const id = this.#spec.graph.nodes[index]?.id;
    this.#blocked.remove(index);
    if (this.#schedule.withdraw(index) && id !== undefined) this.#promote(this.#spec.projectOf(id));
  }

  /** The same for a session that hasn't started, which isn't lost by it: it is judged and skipped like any other. */
  hold(index: number): void {
    const id = this.#spec.graph.nodes[index]?.id;
    if (this.#blocked.remove(index)) this.#giveBack(index);
    this.#schedule.setHeld(index, true);
    if (id !== undefined) this.#promote(this.#spec.projectOf(id));
  }

  /** Tries blocked candidates again: shared slots, projects or accounts may have become free. */
  reconsider(): void {
    this.#noSharedSlot = false;
    for (const index of this.#blocked.takeAccounts()) this.#giveBack(index);
    for (const project of this.#blocked.projects()) this.#promote(project);
  }

  /** Returns all blocked candidates to the queue. */
  takeBackAll(): void {
    for (const index of this.#blocked.takeAll()) this.#giveBack(index);
  }

  /** Returns the blocked candidates that haven't started to the queue. */
  takeBackUnstarted(): void {
    for (const index of this.#blocked.indices()) {
      if (!this.#inPlay.has(index) && this.#blocked.remove(index)) this.#giveBack(index);
    }
  }

  /** What a candidate is blocked by. */
  kindOf(index: number): 'project' | 'account' | undefined {
    return this.#blocked.kindOf(index);
  }

  /** The slots that candidates wait for: the group's own, or the shared ones if the group has own slots left. */
  get slots(): { readonly live: number; readonly maxConcurrent: number } {
    const own = { live: this.#live, maxConcurrent: this.#spec.concurrency.maxConcurrent };
    return (this.waitsForOthers ? this.#spec.gates.sharedSlots?.() : undefined) ?? own;
  }

  /** Candidates wait for a shared slot, and other groups hold them all. */
  get waitsForOthers(): boolean {
    const ownLeft = this.#live < this.#spec.concurrency.maxConcurrent;
    return this.#noSharedSlot && ownLeft && this.#schedule.ready > 0;
  }

  /** Whether a candidate is blocked because this project is full. */
  waitsForProject(project: string): boolean {
    return this.#blocked.waitsForProject(project);
  }

  holdersOf(project: string): string[] {
    return this.#inPlay.ids(session => session.slot).filter(id => this.#spec.projectOf(id) === project);
  }

  /** A place in the project may be free: returns its best blocked candidate to the queue. */
  #promote(project: string): void {
    const next = this.#blocked.nextOf(project);
    if (next !== undefined) this.#giveBack(next);
  }

  #giveBack(index: number): void {
    this.#schedule.giveBack(index, this.#inPlay.has(index));
  }
}
