import type { AnyActorRef } from 'xstate';
import type { Redefinition, RosterPort, YieldReason } from '../../../../machines/contract.ts';
import type {
  GroupReason,
  SettledGroup,
  SettledStatus,
  SkipReason,
} from '../../../../machines/vocabulary.ts';
import { isBad, retrySelection } from './retry-selection.ts';
import type { RosterRecord } from './roster-spec.ts';
import { RosterState } from './roster-state.ts';
import type { Resolved, ScheduleNote } from './schedule-entry.ts';

/**
 * The sessions of one group, from which `groupMachine` schedules. `Admissions` manages its slots (SLOTS-1 to SLOTS-4),
 * based on the roster's schedule and sessions in play.
 */
export class Roster extends RosterState implements RosterPort {
  writable(): Roster {
    return this.spec.persistent ? new Roster(this.spec, this) : this;
  }

  started(id: string, actor: AnyActorRef): void {
    this.refs.set(id, actor);
  }

  nextUndecided(): { readonly id: string; readonly upstream: string } | undefined {
    const next = this.schedule.nextUndecided();
    return next && { id: this.schedule.idOf(next.index), upstream: this.schedule.idOf(next.upstream) };
  }

  enqueue(id: string): void {
    this.schedule.enqueue(this.indexOf(id));
  }

  skip(id: string): void {
    this.#note(this.schedule.skip(this.indexOf(id)));
  }

  noteRequest(id: string, requestId: string | undefined): void {
    if (requestId === undefined) this.requests.delete(id);
    else this.requests.set(id, requestId);
  }

  because(reason: GroupReason): void {
    this.reason = reason;
  }

  queueMerge(id: string): void {
    this.merges.want(id);
  }

  /** Who has its turn to merge while this session waits for it. */
  mergesBefore(id: string): string | undefined {
    return this.merges.ahead(id);
  }

  takeMergeTurn(): string | undefined {
    return this.merges.next();
  }

  deliveryBegun(): void {
    this.delivering = true;
  }

  deliveryEnded(delivered: boolean): void {
    this.delivering = false;
    if (delivered) this.delivered = true;
    if (delivered || this.before) this.askedInto = undefined;
  }

  askToDeliver(into: string | undefined, before: SettledGroup | undefined): void {
    this.askedInto = into ?? this.spec.into?.();
    this.before = before && { status: before, reason: this.reason };
  }

  settleAgain(): void {
    this.reason = this.before?.reason;
    this.#forgetDelivery();
  }

  adopt(): void {
    this.adopted = this.playing.ids(session => !session.actor && session.elsewhere === true);
    for (const id of this.adopted) this.admissions.adopt(this.indexOf(id));
    this.adoptable = 0;
  }

  admit(): void {
    this.admitted = this.admissions.next();
  }

  settle(id: string, outcome: SettledStatus): void {
    const node = this.spec.graph.node(id);
    if (!node || this.schedule.outcomeOf(node.index) !== undefined) return;
    this.admissions.freeSlot(node.index);
    this.admissions.withdraw(node.index);
    this.playing.delete(node.index);
    this.requests.delete(id);
    this.refs.delete(id);
    this.merges.giveBack(id);
    if (outcome === 'failed' && !node.session.allowFailure) {
      this.unsuccessful++;
      this.errors++;
    }
    if (outcome === 'stopped') this.unsuccessful++;
    if (outcome === 'completed') this.delivered = false;
    this.#note(this.schedule.settle(node.index, outcome, this.spec.durationOf?.(id)));
  }

  park(id: string, reason: YieldReason): void {
    const index = this.spec.graph.indexOf(id);
    if (index === undefined || !this.playing.has(index)) return;
    this.admissions.freeSlot(index);
    this.admissions.withdraw(index);
    this.merges.giveBack(id);
    this.playing.change(index, { parked: reason });
  }

  requeue(id: string): void {
    const index = this.spec.graph.indexOf(id);
    const session = this.playing.of(id);
    // `requeuePaused` was there before its chart could say that it is ready.
    if (session?.actor && session.parked === undefined) return;
    if (!this.playing.change(index, { parked: undefined })) return;
    this.schedule.giveBack(index, true);
    if (!this.playing.at(index)?.actor) this.notes.push({ type: 'queued', index });
  }

  hold(id: string, by?: string): void {
    const index = this.indexOf(id);
    const session = this.playing.at(index);
    this.notes.push({ type: 'held', index, held: true, by });
    if (!this.playing.change(index, { held: true })) {
      this.admissions.hold(index);
      return;
    }
    // What is held is no candidate, even before its chart has said that it is paused.
    this.admissions.withdraw(index);
    if (session?.actor === false && session.parked === undefined) this.#pauseActorless(id);
  }

  release(id: string): void {
    const index = this.indexOf(id);
    if (!this.playing.change(index, { held: false })) this.schedule.setHeld(index, false);
    this.notes.push({ type: 'held', index, held: false });
  }

  reconsider(): void {
    this.admissions.reconsider();
  }

  skipWaiting(reason: SkipReason): void {
    this.#forgetDelivery();
    this.admissions.takeBackAll();
    const skips = this.schedule.skipWaiting(reason);
    this.unsuccessful += skips.length;
    for (const skip of skips) this.notes.push({ type: 'skipped', ...skip });
  }

  settleActorless(): void {
    for (const id of this.#actorless()) {
      const index = this.spec.graph.indexOf(id);
      if (index !== undefined) this.notes.push({ type: 'stopped', index });
      this.settle(id, 'stopped');
    }
  }

  pauseActorless(): void {
    for (const id of this.#actorless()) this.#pauseActorless(id);
  }

  requeueActorless(): void {
    for (const id of this.#actorless()) {
      const session = this.playing.of(id);
      if (session?.held) this.notes.push({ type: 'paused', index: this.indexOf(id) });
      else if (session?.parked !== undefined) this.requeue(id); // the others are in the queue already
    }
  }

  requeuePaused(): void {
    for (const id of this.pausedNotHeld()) this.requeue(id);
  }

  forgetErrors(): void {
    this.errors = 0;
    this.reason = undefined;
  }

  reopen(ids: readonly string[] | undefined, fresh: boolean): void {
    this.before = undefined;
    const candidates = retrySelection(this.schedule, ids);
    this.reopened = { ids: candidates.map(index => this.schedule.idOf(index)), fresh };
    for (const index of candidates) if (isBad(this.schedule, index)) this.unsuccessful--;
    // Who has not started is judged anew, also where it waits for a project or an account.
    this.admissions.takeBackUnstarted();
    this.#note(this.schedule.reopen(candidates));
  }

  /** Goes on over another graph; what it leads to is in the notes. Who is in play stays so. */
  redefine(change: Redefinition): void {
    const next = this.spec.revisionOf?.(change.revision);
    if (!next) throw new Error(`unknown revision ${change.revision}`);
    if (change.added.length > 0) this.before = undefined;
    this.admissions.takeBackAll();
    const { schedule, notes } = this.schedule.over(next.graph, new Set(change.edges));
    this.spec = { ...this.spec, ...next };
    this.schedule = schedule;
    this.playing = this.playing.over(next.graph);
    this.admissions.over(this.spec, this.schedule, this.playing);
    for (const note of notes) this.notes.push(note);
    this.#countUnsuccessful();
  }

  /** Restores the settled sessions, and those that were in play, which have no actor yet. */
  restore(from: RosterRecord): void {
    for (const note of this.schedule.restore(from.settled)) {
      if (note.type === 'resolved' && !this.#isAnnounced(note, from)) this.notes.push(note);
    }
    this.#countUnsuccessful();
    for (const index of this.playing.restore(from.inPlay)) {
      this.schedule.withdraw(index);
      if (this.playing.at(index)?.elsewhere) this.adoptable++;
    }
    for (const id of from.held) this.schedule.setHeld(this.indexOf(id), true);
    this.errors = from.errors;
    this.reason = from.reason;
    this.delivered = from.delivery.delivered;
    this.askedInto = from.delivery.into;
    this.before = from.delivery.before;
  }

  takeNotes(): ScheduleNote[] {
    return this.notes.splice(0);
  }

  /** A session in play has no dependencies any more, and one with trigger `any` is told of the first that resolves. */
  #isAnnounced({ index, dependency }: Resolved, { inPlay, resolved }: RosterRecord): boolean {
    const id = this.schedule.idOf(index);
    const node = this.spec.graph.nodes[index];
    const known = resolved.get(id) ?? [];
    const which = node?.session.trigger === 'any' ? node.dependencies.map(({ to }) => to) : [dependency];
    return inPlay.has(id) || which.some(one => known.includes(this.schedule.idOf(one)));
  }

  #forgetDelivery(): void {
    this.askedInto = undefined;
    this.before = undefined;
  }

  #pauseActorless(id: string): void {
    this.park(id, 'pause');
    this.notes.push({ type: 'paused', index: this.indexOf(id) });
  }

  #countUnsuccessful(): void {
    this.unsuccessful = this.spec.graph.nodes.filter(node => isBad(this.schedule, node.index)).length;
  }

  #actorless(): string[] {
    return this.playing.ids(session => !session.actor);
  }

  #note(notes: readonly ScheduleNote[]): void {
    for (const note of notes) {
      this.notes.push(note);
      if (note.type === 'skipped' && note.reason !== 'not_needed') this.unsuccessful++;
    }
  }
}
