import type { SessionError, SessionStatus } from '../../../../../machines/vocabulary.ts';
import { given } from '../../../given.ts';
import type { JournalRecord } from '../records.ts';

/** A session's attempt that is carried out elsewhere; part of the session's fold (fold-session.ts). */
export interface RemoteFold {
  /** The last report of which everything but its cost is journalled, and the last one whose cost is; 0: none. */
  readonly heard: number;
  readonly counted: number;
  /** Who has it, and where, once it is placed. */
  readonly worker?: string;
  readonly host?: string;
  /** The place of its conversation, for which it waited. */
  readonly at?: string;
}

/** Nothing has been heard of it. */
export const NOT_HEARD: RemoteFold = { heard: 0, counted: 0 };

/** The parts of a session's fold that are folded here. */
interface Remote {
  /** Its last attempt, if that is carried out elsewhere. */
  remote: RemoteFold | undefined;
  /** The place that has its conversation. */
  place: string | undefined;
  /** How many attempts in a row were lost with their workers. */
  losses: number;
}

/** Applies a record of the session. */
export function applyToRemote(session: Remote, record: JournalRecord): void {
  session.remote = remoteAfter(session, record);
  session.place = placeAfter(session, record);
  if (record.type === 'session_retrying') session.losses = lossesAfter(session.losses, record.error);
}

/** A worker that was stopped is no loss, and ends no row of losses. */
function lossesAfter(losses: number, { code }: SessionError): number {
  if (code === 'worker_drained') return losses;
  return code === 'worker_lost' ? losses + 1 : 0;
}

/** One that found nobody at its place goes on anywhere. */
function placeAfter({ place, remote }: Remote, record: JournalRecord): string | undefined {
  switch (record.type) {
    case '_placed':
      return record.place;
    case 'session_started':
      return record.report === undefined ? undefined : place; // another conversation
    case 'session_retrying':
      return isForPlace(record.error) && remote?.worker === undefined ? undefined : place;
    default:
      return place;
  }
}

const isForPlace = ({ code }: SessionError): boolean => code === 'worker_drained' || code === 'worker_lost';

function remoteAfter({ remote, place }: Remote, record: JournalRecord): RemoteFold | undefined {
  switch (record.type) {
    case 'session_started':
      // An agent that has begun another conversation says so in a report: the attempt is the same.
      return record.report === undefined ? undefined : remote;
    case 'session_resumed':
      return undefined;
    case '_status':
      return record.status === 'placing' ? (remote ?? { ...NOT_HEARD, ...given({ at: place }) }) : remote;
    case '_placed': {
      const { worker, host, report = 0 } = record;
      return { ...(remote ?? NOT_HEARD), worker, host, heard: report };
    }
    case '_ledger':
      return remote && record.report !== undefined ? { ...remote, counted: record.report } : remote;
    default:
      return remote && 'report' in record && record.report !== undefined
        ? { ...remote, heard: record.report }
        : remote;
  }
}

const LIVE: ReadonlySet<SessionStatus> = new Set(['placing', 'running', 'awaiting_approval', 'interrupting']);

/** The session's attempt, if it is carried out elsewhere and may live on. */
export const remoteAttempt = ({
  status,
  remote,
}: {
  readonly status: SessionStatus;
  readonly remote: RemoteFold | undefined;
}): RemoteFold | undefined => (LIVE.has(status) ? remote : undefined);
