import {
  isSettled,
  isWorking,
  SESSION_STATUSES,
  type SessionStatus,
} from '../../../../machines/vocabulary.ts';
import { newSessionFold, type SessionFold } from '../journal/fold-session.ts';
import type { SessionDefinition } from '../types.ts';
import type { SessionProgress } from './progress.ts';

/** A session, as the aggregator keeps it. */
export interface Row {
  readonly definition: Pick<SessionDefinition, 'id' | 'projectPath' | 'project' | 'forEach'> &
    Partial<Pick<SessionDefinition, 'estimate'>>;
  /** The aggregator's drift when the session first started, and the drift to add to the session's final duration. */
  driftAtStart: number;
  drift: number;
  /** Of a settled session, which time does not change: made on demand, and kept until its next record. */
  shown: SessionProgress | undefined;
  /** Whether it may have a wait reason; see `waits`. */
  waits: boolean;
  /** The aggregator's version in which it last changed. */
  version: number;
}

/** The fields of a session that feed the counters and durations, as they were before a record. */
export type Counted = Readonly<
  Pick<SessionFold, 'status' | 'since' | 'durationMs' | 'settledMs' | 'settledRuns' | 'ledger'>
>;

export const countedOf = ({
  status,
  since,
  durationMs,
  settledMs,
  settledRuns,
  ledger,
}: Counted): Counted => ({ status, since, durationMs, settledMs, settledRuns, ledger });

/** A session before its first record. */
export const UNSTARTED: Readonly<SessionFold> = Object.freeze(newSessionFold());

/** Where attempts are carried out elsewhere, the steps in a session's tree wait for a worker, too. */
const WAITS_AT_WORK: ReadonlySet<SessionStatus> = new Set<SessionStatus>([
  ...(['preparing', 'placing', 'saving', 'verifying', 'integrating'] as const),
]);

const WAITING: ReadonlySet<SessionStatus> = new Set(
  SESSION_STATUSES.filter(status => WAITS_AT_WORK.has(status) || !(isSettled(status) || isWorking(status))),
);
/**
 * Whether a session may have a wait reason, which can change without a record. One that is held may also have the status that
 * it had when its engine died, and of one that works elsewhere the worker may be lost.
 */
export const waits = ({ status, held, remote }: Pick<SessionFold, 'status' | 'held' | 'remote'>): boolean =>
  WAITING.has(status) || ((held || remote !== undefined) && isWorking(status));
