import type {
  Admission,
  BudgetPort,
  QuotaPort,
  Redefinition,
  RosterPort,
  SessionInput,
  YieldReason,
} from '../../../../machines/contract.ts';
import type { GroupStatus, SettledStatus, SkipReason } from '../../../../machines/vocabulary.ts';
import { Admissions } from './admissions.ts';
import { isBad, retrySelection } from './retry-selection.ts';
import {
  CHANGEABLE,
  REMOVABLE,
  type RosterRecord,
  type RosterSpec,
  type SessionStanding,
} from './roster-spec.ts';
import { Schedule } from './schedule.ts';
import type { ScheduleNote } from './schedule-note.ts';
import { type SessionWait, standingOf, waitOf } from './session-standing.ts';
import { SessionsInPlay } from './sessions-in-play.ts';

/**
 * The sessions of one group, from which `groupMachine` schedules. `Admissions` manages its slots (SLOTS-1 to SLOTS-4),
 * based on the roster's schedule and sessions in play.
 */
export class Roster implements RosterPort {
  spec: RosterSpec;
  schedule: Schedule;
  /** Decisions of the schedule, drained by the code that publishes them. */
  readonly notes: ScheduleNote[] = [];
  reason: string | undefined;
  /** The sessions that the last retry reopened. */
  reopened: { readonly ids: readonly string[]; readonly fresh: boolean } | undefined;
  #inPlay: SessionsInPlay;
  readonly admissions: Admissions;
  readonly #requests: Map<string, string>;
  #bad = 0;
  #errors = 0;

  constructor(spec: RosterSpec, from?: Roster) {
    this.spec = spec;
    this.schedule = from ? from.schedule.clone() : new Schedule(spec.graph);
    this.#inPlay = from ? from.#inPlay.clone() : new SessionsInPlay(spec.graph);
    const admissions = from ? from.admissions : undefined;
    this.admissions = new Admissions(spec, this.schedule, this.#inPlay, admissions);
    this.#requests = new Map(from ? from.#requests : []);
    this.reason = from?.reason;
    this.reopened = from?.reopened;
    this.#bad = from ? from.#bad : 0;
    this.#errors = from ? from.#errors : 0;
  }

  writable(): Roster {
    return this.spec.persistent ? new Roster(this.spec, this) : this;
  }

  now(): number {
    return this.spec.now();
  }

  get restored(): GroupStatus | undefined {
    return this.spec.restored;
  }
  get budget(): BudgetPort {
    return this.spec.budget;
  }
  get quota(): QuotaPort {
    return this.spec.quota;
  }
  get maxConcurrent(): number {
    return this.spec.concurrency.maxConcurrent;
  }
  get unwritten(): boolean {
    return this.spec.unwritten?.() ?? false;
  }
  get pauseOnError(): boolean {
    return this.spec.concurrency.pauseOnError;
  }
  get tooManyErrors(): boolean {
    return this.#errors >= this.spec.concurrency.errorThreshold;
  }
  get left(): number {
    return this.schedule.left;
  }
  get bad(): number {
    return this.#bad;
  }
  get live(): number {
    return this.admissions.live;
  }
  get inPlay(): number {
    return this.#inPlay.size;
  }
  get ready(): number {
    return this.admissions.ready;
  }

  get onlyHeldLeft(): boolean {
    return this.live === 0 && this.admissions.noCandidates && this.#inPlay.allHeld;
  }

  isInPlay(id: string): boolean {
    return this.#inPlay.of(id) !== undefined;
  }

  isPausable(id: string): boolean {
    const session = this.#inPlay.of(id);
    return session?.actor === true && !session.held && session.parked !== 'pause';
  }

  isResumable(id: string): boolean {
    const session = this.#inPlay.of(id);
    return session?.held === true && session.parked === 'pause';
  }

  awaitsAnswer(id: string, requestId: string): boolean {
    return this.#requests.get(id) === requestId;
  }

  noteRequest(id: string, requestId: string | undefined): void {
    if (requestId === undefined) this.#requests.delete(id);
    else this.#requests.set(id, requestId);
  }

  retryable(ids: readonly string[] | undefined): boolean {
    return retrySelection(this.schedule, ids).length > 0;
  }

  because(reason: string): void {
    this.reason = reason;
  }

  admitNext(): Admission | undefined {
    return this.admissions.next();
  }

  inputOf(id: string): SessionInput {
    return this.spec.inputOf(id);
  }

  settle(id: string, outcome: SettledStatus): void {
    const node = this.spec.graph.node(id);
    if (!node || this.schedule.outcomeOf(node.index) !== undefined) return;
    this.admissions.freeSlot(node.index);
    this.admissions.withdraw(node.index);
    this.#inPlay.delete(node.index);
    this.#requests.delete(id);
    if (outcome === 'failed' && !node.session.allowFailure) {
      this.#bad++;
      this.#errors++;
    }
    if (outcome === 'stopped') this.#bad++;
    this.#note(this.schedule.settle(node.index, outcome, this.spec.durationOf?.(id)));
  }

  park(id: string, reason: YieldReason): void {
    const index = this.spec.graph.indexOf(id);
    if (index === undefined || !this.#inPlay.has(index)) return;
    this.admissions.freeSlot(index);
    this.admissions.withdraw(index);
    this.#inPlay.change(index, { parked: reason });
  }

  requeue(id: string): void {
    const index = this.spec.graph.indexOf(id);
    if (this.#inPlay.change(index, { parked: undefined })) this.schedule.giveBack(index, true);
  }

  hold(id: string): void {
    this.#setHeld(id, true);
  }

  release(id: string): void {
    this.#setHeld(id, false);
  }

  reconsider(): void {
    this.admissions.reconsider();
  }

  skipWaiting(reason: SkipReason): void {
    this.admissions.takeBackAll();
    const skips = this.schedule.skipWaiting(reason);
    this.#bad += skips.length;
    for (const skip of skips) this.notes.push({ type: 'skipped', ...skip });
  }

  settleActorless(): void {
    for (const id of this.#actorless()) {
      const index = this.spec.graph.indexOf(id);
      if (index !== undefined) this.notes.push({ type: 'stopped', index });
      this.settle(id, 'stopped');
    }
  }

  requeueActorless(): void {
    for (const id of this.#actorless()) {
      const session = this.#inPlay.of(id);
      if (!session?.held && session?.parked !== undefined) this.requeue(id); // the others are already queued
    }
  }

  forgetErrors(): void {
    this.#errors = 0;
    this.reason = undefined;
  }

  reopen(ids: readonly string[] | undefined, fresh: boolean): void {
    const candidates = retrySelection(this.schedule, ids);
    this.reopened = { ids: candidates.map(index => this.schedule.idOf(index)), fresh };
    for (const index of candidates) if (isBad(this.schedule, index)) this.#bad--;
    // Sessions that haven't started are reevaluated, including blocked ones.
    this.admissions.takeBackUnstarted();
    this.#note(this.schedule.reopen(candidates));
  }

  /** Whether every session that the change removes or changes may be removed or changed. */
  mayRedefine({ removed, changed }: Redefinition): boolean {
    const standing = (id: string) => this.standingOf(id);
    return (
      removed.every(id => REMOVABLE.has(standing(id))) && changed.every(id => CHANGEABLE.has(standing(id)))
    );
  }

  /** Decides whether a session may be changed or removed. */
  standingOf(id: string): SessionStanding {
    const index = this.spec.graph.indexOf(id);
    const { attempts } = this.spec.historyOf?.(id) ?? { attempts: 0 };
    return index === undefined ? 'unknown' : standingOf(index, attempts, this.schedule, this.#inPlay);
  }

  /** Switches to another graph; the consequences are in the notes. Sessions in play stay in play. */
  redefine(change: Redefinition): void {
    const next = this.spec.revisionOf?.(change.revision);
    if (!next) throw new Error(`unknown revision ${change.revision}`);
    this.admissions.takeBackAll();
    const { schedule, notes } = this.schedule.over(next.graph, new Set(change.edges));
    this.spec = { ...this.spec, ...next };
    this.schedule = schedule;
    this.#inPlay = this.#inPlay.over(next.graph);
    this.admissions.over(this.spec, this.schedule, this.#inPlay);
    this.notes.push(...notes);
    this.#countBad();
  }

  actors(): string[] {
    return this.#inPlay.ids(session => session.actor);
  }

  sleepers(): string[] {
    return this.#inPlay.ids(session => session.actor && session.parked === 'pause' && !session.held);
  }

  /** Restores the settled sessions, and those that were in play, which have no actor yet. */
  restore(from: RosterRecord): void {
    const notes = this.schedule.restore(from.settled);
    this.notes.push(...notes.filter(note => note.type === 'skipped'));
    this.#countBad();
    for (const index of this.#inPlay.restore(from.inPlay)) this.schedule.withdraw(index);
    this.#errors = from.errors;
    this.reason = from.reason;
  }

  /** For `why`. */
  waitOf(id: string): SessionWait | undefined {
    const index = this.spec.graph.indexOf(id);
    return index === undefined ? undefined : waitOf(index, this.schedule, this.#inPlay, this.admissions);
  }

  takeNotes(): ScheduleNote[] {
    return this.notes.splice(0);
  }

  #setHeld(id: string, held: boolean): void {
    const index = this.spec.graph.indexOf(id);
    if (!this.#inPlay.change(index, { held })) return;
    // A held session isn't a candidate, even before its chart reports that it is paused.
    if (held) this.admissions.withdraw(index);
    this.notes.push({ type: 'held', index, held });
  }

  #countBad(): void {
    this.#bad = this.spec.graph.nodes.filter(node => isBad(this.schedule, node.index)).length;
  }

  #actorless(): string[] {
    return this.#inPlay.ids(session => !session.actor);
  }

  #note(notes: readonly ScheduleNote[]): void {
    for (const note of notes) {
      this.notes.push(note);
      if (note.type === 'skipped' && note.reason !== 'not_needed') this.#bad++;
    }
  }
}
