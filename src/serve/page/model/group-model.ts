import { isLiveGroup } from '../../../../machines/vocabulary.ts';
import { Attempts } from '../../../words/attempts.ts';
import { deliveryWords } from '../../../words/delivery-words.ts';
import { firstLine } from '../../../words/first-line.ts';
import { type ShownAs, shownStatus, standsStill } from '../../../words/marks.ts';
import { hear } from '../../../words/transcript.ts';
import type {
  ApprovalView,
  GroupDetail,
  GroupEvent,
  ProgressUpdate,
  SessionProgress,
} from '../../api-types.ts';
import { type ShownSession, shownSession } from './shown-session.ts';

/** What changed since the last call of `takeChanges`. */
export interface Changes {
  /** Sessions whose progress changed. */
  readonly sessions: ReadonlySet<string>;
  /** Sessions in which an attempt began or ended. */
  readonly attempts: ReadonlySet<string>;
  /** Sessions with new transcript lines. */
  readonly spoke: ReadonlySet<string>;
  readonly approvals: boolean;
  /** Something happened to trees, checks, merges or deliveries, even if all statuses are what they were. */
  readonly delivery: boolean;
}

/**
 * The page's model of a group: the detail that it loaded, updated from the stream.
 *
 * PAGE-MODEL-1 the cost of an update depends on its size, not on the size of the group (the first of a connection
 *    contains everything).
 * PAGE-MODEL-2 a session is in `changes` only if it differs.
 */
export class GroupModel {
  readonly detail: GroupDetail;
  readonly sessions = new Map<string, ShownSession>();
  readonly #told = new Map<string, SessionProgress>();
  readonly attempts: Attempts;
  readonly approvals = new Map<string, ApprovalView>();
  totals: Omit<ProgressUpdate, 'sessions' | 'full' | 'revision'>;
  /** Epoch milliseconds of the last update, for clocks that tick between updates. */
  updatedAt = Date.now();
  /** Why the group is paused, failed or stopped. */
  reason: string | undefined;
  /** The first line of each completed session's result. */
  readonly results: Map<string, string>;
  /** What each session's agent said last, in one line; those that have settled may be missing. */
  readonly said: Map<string, string>;
  archived = false;
  /** The sessions that wait for a person. */
  readonly #asking = new Set<string>();
  #changes = noChanges();

  constructor(detail: GroupDetail) {
    this.detail = detail;
    this.attempts = new Attempts(detail.attempts);
    this.reason = detail.reason;
    this.results = new Map(Object.entries(detail.results));
    this.said = new Map(Object.entries(detail.said));
    const { sessions, ...totals } = detail.progress;
    this.totals = {
      ...totals,
      status: detail.status,
      ...(detail.owner === undefined ? {} : { owner: detail.owner }),
      ...(detail.ownerUnreadable === undefined ? {} : { ownerUnreadable: detail.ownerUnreadable }),
    };
    for (const session of sessions) this.#put(session);
    this.takeChanges();
    for (const approval of detail.approvals) this.approvals.set(approval.requestId, approval);
  }

  progress({ sessions, full: _full, revision: _revision, ...totals }: ProgressUpdate): void {
    const before = this.shown;
    this.totals = totals;
    this.updatedAt = Date.now();
    for (const session of sessions) this.#put(session);
    const stands = [before, this.shown].some(standsStill);
    if (!stands || before === this.shown) return;
    for (const session of this.#told.values()) this.#put(session);
    this.#changes.approvals = true;
  }

  event(event: GroupEvent): void {
    const attempt = this.attempts.apply(event);
    if (attempt !== undefined) this.#changes.attempts.add(attempt);
    if ('sessionId' in event && event.sessionId !== undefined) {
      const { sessionId } = event;
      this.#changes.spoke.add(sessionId);
      const before = this.said.get(sessionId);
      hear(event, this.said);
      if (this.said.get(sessionId) !== before) this.#changes.sessions.add(sessionId);
    }
    if (deliveryWords(event) !== undefined) this.#changes.delivery = true;
    switch (event.type) {
      case 'session_completed':
        this.#setResult(event.sessionId, firstLine(event.result));
        break;
      case 'session_started':
        this.#setResult(event.sessionId, '');
        break;
      case 'approval_requested':
        this.approvals.set(event.requestId, event);
        this.#changes.approvals = true;
        break;
      case 'approval_answered':
        this.#settleApproval(event.requestId);
        break;
      case 'group_pausing':
      case 'group_paused':
      case 'group_stopping':
      case 'group_stopped':
      case 'group_failed':
        this.reason = event.reason;
        break;
      case 'group_archived':
        this.archived = true;
        break;
      case 'group_started':
      case 'group_resumed':
      case 'group_retried':
      case 'group_completed':
        this.reason = undefined;
        this.archived = false;
        break;
      default:
        break;
    }
  }

  /** As which status the group is shown. */
  get shown(): ShownAs {
    return shownStatus(this.totals.status, this.totals.owner);
  }

  /** Milliseconds since the last update, in which time has passed for its sessions: it stands while the group rests. */
  age(): number {
    const { shown } = this;
    return !standsStill(shown) && isLiveGroup(shown) ? Date.now() - this.updatedAt : 0;
  }

  /** Returns and resets the changes since the last call. */
  takeChanges(): Changes {
    const changes = this.#changes;
    this.#changes = noChanges();
    return changes;
  }

  #put(told: SessionProgress): void {
    this.#told.set(told.id, told);
    const session = shownSession(told, this.shown);
    const before = this.sessions.get(session.id);
    if (before !== undefined && JSON.stringify(before) === JSON.stringify(session)) return;
    this.sessions.set(session.id, session);
    this.#changes.sessions.add(session.id);
    // While its process is suspended, what it asks for stays open.
    const { status } = session.status === 'suspended' ? told : session;
    if (status === 'awaiting_approval') this.#asking.add(session.id);
    else if (this.#asking.delete(session.id)) this.#forgetApprovalsOf(session.id);
  }

  /** The end of an attempt withdraws its permission request. */
  #forgetApprovalsOf(id: string): void {
    for (const { sessionId, requestId } of this.approvals.values()) {
      if (sessionId === id) this.#settleApproval(requestId);
    }
  }

  #setResult(id: string, words: string): void {
    if ((this.results.get(id) ?? '') === words) return;
    this.results.set(id, words);
    this.#changes.sessions.add(id);
  }

  #settleApproval(requestId: string): void {
    if (this.approvals.delete(requestId)) this.#changes.approvals = true;
  }
}

/** No changes yet. */
export const noChanges = () => ({
  sessions: new Set<string>(),
  attempts: new Set<string>(),
  spoke: new Set<string>(),
  approvals: false,
  delivery: false,
});
