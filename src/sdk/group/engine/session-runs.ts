import { NO_CORRECTIONS } from '../../../../machines/vocabulary.ts';
import { SessionGroupsError } from '../../errors.ts';
import { SessionRun } from '../attempt/session-run.ts';
import type { SessionFold, SessionHistory } from '../journal/fold-session.ts';
import type { GroupEngine } from './group-engine.ts';

/** The runs of a group's sessions, created on demand. */
export class SessionRuns {
  readonly #engine: GroupEngine;
  readonly #runs = new Map<string, SessionRun>();
  /** Restored state of sessions whose run hasn't been created yet; for most, which have settled, it never is. */
  readonly #kept = new Map<string, Readonly<SessionFold>>();

  constructor(engine: GroupEngine) {
    this.#engine = engine;
  }

  /** @throws SessionGroupsError `unknown_session`. */
  of(id: string): SessionRun {
    const { state } = this.#engine;
    const before = this.#runs.get(id);
    const session = state.sessions.get(id);
    if (!session) throw new SessionGroupsError('unknown_session', `there is no session "${id}"`);
    // A session in play keeps the definition that it started with.
    if (before && (before.definition === session || state.roster.isInPlay(id))) return before;
    const run = new SessionRun(session, state.agentOf(id), this.#engine.attempts);
    const kept = this.#kept.get(id);
    if (before) run.takeOverFrom(before);
    else if (kept) run.restore(kept);
    this.#kept.delete(id);
    this.#runs.set(id, run);
    return run;
  }

  /** Undefined for a session that has never been in play. */
  find(id: string): SessionRun | undefined {
    return this.#runs.get(id) ?? (this.#kept.has(id) ? this.of(id) : undefined);
  }

  sessionOfRequest(requestId: string): string | undefined {
    for (const run of this.#runs.values()) if (run.request?.requestId === requestId) return run.id;
    return undefined;
  }

  historyOf(id: string): SessionHistory {
    const {
      attempts = 0,
      failures = 0,
      askedToGoOn = false,
      losses = 0,
      step,
      corrected = NO_CORRECTIONS,
    } = this.#runs.get(id) ?? this.#kept.get(id) ?? {};
    return { attempts, failures, askedToGoOn, losses, step, corrected };
  }

  /** Keeps a session's restored state, which nobody changes. */
  keep(id: string, session: Readonly<SessionFold>): void {
    this.#kept.set(id, session);
  }

  /** A new definition is in force: from now on, a session that is not in play is as it says. */
  redefine(removed: readonly string[]): void {
    for (const id of removed) this.#remove(id);
    for (const id of [...this.#runs.keys()]) this.of(id);
  }

  #remove(id: string): void {
    this.#runs.delete(id);
    this.#kept.delete(id);
  }

  /** Gives their ports back, too. An agent that cannot be killed keeps none of the others alive. */
  killAll(): void {
    for (const run of this.#runs.values()) {
      try {
        run.tree?.leavePorts({ forGood: true });
        run.kill();
      } catch {
        // There is nobody left to tell.
      }
    }
  }
}
