import type { AnyActorRef } from 'xstate';
import type {
  Admission,
  BudgetPort,
  QuotaPort,
  Redefinition,
  SessionInput,
} from '../../../../machines/contract.ts';
import type { GroupReason, GroupStatus, SettledGroup } from '../../../../machines/vocabulary.ts';
import { Admissions } from './admissions.ts';
import { MergeTurns } from './merge-turns.ts';
import { retrySelection } from './retry-selection.ts';
import { CHANGEABLE, REMOVABLE, type RosterSpec, type SessionStanding } from './roster-spec.ts';
import { Schedule } from './schedule.ts';
import type { ScheduleNote } from './schedule-entry.ts';
import { type SessionWait, standingOf, waitOf } from './session-standing.ts';
import { SessionsInPlay } from './sessions-in-play.ts';

/** How the sessions of one group stand; nothing here changes them. */
export class RosterState {
  spec: RosterSpec;
  schedule: Schedule;
  /** Drained by whoever publishes what the schedule decided. */
  readonly notes: ScheduleNote[] = [];
  reason: GroupReason | undefined;
  /** What the last retry opened again. */
  reopened: { readonly ids: readonly string[]; readonly fresh: boolean } | undefined;
  protected playing: SessionsInPlay;
  /** Its slots. */
  readonly admissions: Admissions;
  protected readonly requests: Map<string, string>;
  unsuccessful = 0;
  admitted: Admission | undefined;
  adoptable: number;
  adopted: readonly string[];
  /** The actors of sessions in play, which XState does not hold (ADR 1). */
  protected readonly refs: Map<string, AnyActorRef>;
  protected errors = 0;
  protected readonly merges: MergeTurns;
  delivering: boolean;
  /** What was merged is where it was to go; nothing has completed since. */
  protected delivered: boolean;
  /** The branch that a request names, until it is delivered. */
  askedInto: string | undefined;
  /** As what, and why, the group had settled when it was asked to deliver. */
  protected before: { readonly status: SettledGroup; readonly reason?: GroupReason | undefined } | undefined;

  constructor(spec: RosterSpec, from?: RosterState) {
    this.spec = spec;
    this.schedule = from ? from.schedule.clone() : new Schedule(spec.graph);
    this.playing = from ? from.playing.clone() : new SessionsInPlay(spec.graph);
    const admissions = from ? from.admissions : undefined;
    this.admissions = new Admissions(spec, this.schedule, this.playing, admissions);
    this.requests = new Map(from ? from.requests : []);
    this.reason = from?.reason;
    this.reopened = from?.reopened;
    this.unsuccessful = from ? from.unsuccessful : 0;
    this.admitted = from?.admitted;
    this.adoptable = from?.adoptable ?? 0;
    this.adopted = from?.adopted ?? [];
    this.refs = new Map(from ? from.refs : []);
    this.errors = from ? from.errors : 0;
    this.merges = new MergeTurns(id => this.spec.repositoryOf?.(id) ?? '', from?.merges);
    this.delivering = from?.delivering ?? false;
    this.delivered = from?.delivered ?? false;
    this.askedInto = from?.askedInto;
    this.before = from?.before;
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

  get writing(): boolean {
    return this.spec.writing?.() ?? false;
  }

  get deliveryPending(): boolean {
    if (this.askedInto !== undefined) return true;
    return !this.delivered && this.before === undefined && this.namesBranch && this.somethingMerged;
  }

  get somethingMerged(): boolean {
    return this.spec.merged?.() ?? false;
  }

  get namesBranch(): boolean {
    return this.spec.into?.() !== undefined;
  }

  get settledBefore(): SettledGroup | undefined {
    return this.before?.status;
  }

  /** Where a delivery goes: a branch of the user's, by its short name. */
  get into(): string | undefined {
    return this.askedInto ?? this.spec.into?.();
  }

  get pauseOnError(): boolean {
    return this.spec.concurrency.pauseOnError;
  }

  get tooManyErrors(): boolean {
    return this.errors >= this.spec.concurrency.errorThreshold;
  }

  get unsettled(): number {
    return this.schedule.unsettled;
  }

  get undecided(): number {
    return this.schedule.undecided;
  }

  get nextIsFresh(): boolean {
    return this.admissions.nextIsFresh;
  }

  get live(): number {
    return this.admissions.live;
  }

  get inPlay(): number {
    return this.playing.size;
  }

  get ready(): number {
    return this.admissions.ready;
  }

  get onlyHeldLeft(): boolean {
    const isAnyHeld = this.playing.size > 0 || this.schedule.held.size > 0;
    return this.live === 0 && this.admissions.noCandidates && isAnyHeld && this.playing.allHeld;
  }

  /** What a snapshot that is printed or stored has of it: figures, no definition, and as many in a large group. */
  toJSON(): object {
    const { maxConcurrent, live, ready, inPlay, undecided, unsettled, unsuccessful, errors } = this;
    return { maxConcurrent, live, ready, inPlay, undecided, unsettled, unsuccessful, errors };
  }

  isInPlay(id: string): boolean {
    return this.playing.of(id) !== undefined;
  }

  isPausable(id: string): boolean {
    const index = this.indexOf(id);
    return this.#isUnsettled(index) && !this.#isHeld(index);
  }

  isResumable(id: string): boolean {
    const index = this.indexOf(id);
    const session = this.playing.at(index);
    return this.#isHeld(index) && (session === undefined || session.parked === 'pause');
  }

  hasActor(id: string): boolean {
    return this.playing.of(id)?.actor === true;
  }

  actorOf(id: string): AnyActorRef | undefined {
    return this.refs.get(id);
  }

  dependenciesSatisfied(id: string): boolean {
    return this.schedule.isSatisfied(this.indexOf(id));
  }

  dependenciesViolated(id: string): boolean {
    return this.schedule.isViolated(this.indexOf(id));
  }

  awaitsAnswer(id: string, requestId: string): boolean {
    return this.requests.get(id) === requestId;
  }

  takesMessage(id: string): boolean {
    return this.#isUnsettled(this.indexOf(id)) && this.spec.takesMessage?.(id) === true;
  }

  retryable(ids: readonly string[] | undefined): boolean {
    return retrySelection(this.schedule, ids).length > 0;
  }

  inputOf(id: string): SessionInput {
    const input = this.spec.inputOf(id);
    return this.playing.of(id)?.elsewhere ? { ...input, adopted: true } : input;
  }

  /** Whether every session that the change takes away or makes another can be spared, or changed. */
  mayRedefine({ removed, changed }: Redefinition): boolean {
    const standing = (id: string) => this.standingOf(id);
    return (
      removed.every(id => REMOVABLE.has(standing(id))) && changed.every(id => CHANGEABLE.has(standing(id)))
    );
  }

  /** What decides whether a session may be changed or removed. */
  standingOf(id: string): SessionStanding {
    const index = this.spec.graph.indexOf(id);
    const { attempts } = this.spec.historyOf?.(id) ?? { attempts: 0 };
    return index === undefined ? 'unknown' : standingOf(index, attempts, this.schedule, this.playing);
  }

  actors(): string[] {
    return this.playing.ids(session => session.actor);
  }

  pausedNotHeld(): string[] {
    return this.playing.ids(session => session.actor && session.parked === 'pause' && !session.held);
  }

  adoptedHeld(): string[] {
    return this.adopted.filter(id => this.playing.of(id)?.held);
  }

  /** For `why`. */
  waitOf(id: string): SessionWait | undefined {
    const index = this.spec.graph.indexOf(id);
    return index === undefined ? undefined : waitOf(index, this.schedule, this.playing, this.admissions);
  }

  #isUnsettled(index: number): boolean {
    return index >= 0 && this.schedule.outcomeOf(index) === undefined;
  }

  #isHeld(index: number): boolean {
    return this.playing.at(index)?.held ?? this.schedule.held.has(index);
  }

  protected indexOf(id: string): number {
    return this.spec.graph.indexOf(id) ?? -1;
  }
}
