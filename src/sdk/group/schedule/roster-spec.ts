import type { BudgetPort, QuotaPort, SessionInput } from '../../../../machines/contract.ts';
import type { GroupStatus, SettledStatus, SkipReason } from '../../../../machines/vocabulary.ts';
import type { DependencyGraph } from '../dependency-graph.ts';
import type { ConcurrencyConfig } from '../types.ts';

/** What the roster asks for beside a slot of its own: a shared one, a place in the project, and an open account. */
export interface Gates {
  /** Takes a place in the project, on this whole machine; false when it is full. */
  enterProject(id: string, project: string): boolean;
  leaveProject(id: string, project: string): void;
  isAccountOpen(id: string): boolean;
  /** Takes a slot of those that groups share; false when none is to be had. Absent where none are shared. */
  takeSlot?(id: string): boolean;
  freeSlot?(id: string): void;
  /** How the shared slots are taken. */
  sharedSlots?(): { readonly live: number; readonly maxConcurrent: number };
}

export interface RosterSpec {
  readonly graph: DependencyGraph;
  readonly concurrency: Omit<ConcurrencyConfig, 'respectDependencies'>;
  readonly budget: BudgetPort;
  readonly quota: QuotaPort;
  readonly gates: Gates;
  /** Sessions of one project share what it returns. */
  readonly projectOf: (id: string) => string;
  readonly inputOf: (id: string) => SessionInput;
  /** How often the session was started. Absent: never. */
  readonly historyOf?: (id: string) => { readonly attempts: number };
  /** What a new definition changes of this; absent where there is none. */
  readonly revisionOf?: (revision: number) => Pick<RosterSpec, 'graph' | 'concurrency'> | undefined;
  readonly now: () => number;
  /** How long a session took, for the order of those without an estimate; undefined for one that never started. */
  readonly durationOf?: (id: string) => number | undefined;
  readonly restored?: GroupStatus;
  /** Records wait to be written. Absent: never. */
  readonly unwritten?: () => boolean;
  /** Each change returns a copy, as exploring a chart needs it. Default: false. */
  readonly persistent?: boolean;
}

/**
 * How a session stands towards a new definition. `ended`: stopped, or skipped after it had run; `never_ran`: stopped or
 * skipped before it did.
 */
export type SessionStanding =
  | 'unknown'
  | 'pending'
  | 'in_play'
  | 'completed'
  | 'failed'
  | 'ended'
  | 'never_ran';

/** What has run stays in its group, and with it what it cost (I8). */
export const REMOVABLE: ReadonlySet<SessionStanding> = new Set(['pending', 'never_ran']);
/** What is changed of one that has run takes effect when it runs again (I4). */
export const CHANGEABLE: ReadonlySet<SessionStanding> = new Set(['pending', 'never_ran', 'failed', 'ended']);

export interface Settlement {
  readonly outcome: SettledStatus;
  readonly reason: SkipReason | undefined;
}

/** A roster as a journal left it. */
export interface RosterRecord {
  readonly settled: ReadonlyMap<string, Settlement>;
  /** Sessions that were in play, which have no actor yet. */
  readonly inPlay: ReadonlyMap<string, { readonly held: boolean }>;
  readonly errors: number;
  readonly reason: string | undefined;
}
