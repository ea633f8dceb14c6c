import type { JournalRecord } from './records.ts';

/** When a group's process was suspended; ISO 8601, UTC. */
export interface Suspension {
  readonly from: string;
  /** Absent while it is. */
  readonly to?: string;
}

/** What a group's fold knows of suspensions: those that its process could journal. See fold.ts. */
export interface SuspensionFold {
  /** Since when the process that runs it is suspended, if it has said so; ISO 8601, UTC. */
  suspendedAt: string | undefined;
  /** All of them, in order. The list is replaced. */
  suspensions: readonly Suspension[];
}

export const newSuspensionFold = (): SuspensionFold => ({ suspendedAt: undefined, suspensions: [] });

export function applyToSuspensions(fold: SuspensionFold, record: JournalRecord): void {
  switch (record.type) {
    case '_suspended':
      fold.suspendedAt = record.time;
      fold.suspensions = [...fold.suspensions, { from: record.time }];
      break;
    case '_continued':
    case '_taken_over': {
      const from = fold.suspendedAt;
      if (from === undefined) return;
      fold.suspendedAt = undefined;
      // Of one that died while it was suspended, nothing says when.
      const ended = record.type === '_continued' ? [{ from, to: record.time }] : [];
      fold.suspensions = [...fold.suspensions.slice(0, -1), ...ended];
      break;
    }
    default:
      break;
  }
}
