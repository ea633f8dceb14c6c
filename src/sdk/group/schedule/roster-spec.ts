import type { BudgetPort, QuotaPort, SessionInput } from '../../../../machines/contract.ts';
import type {
  GroupReason,
  GroupStatus,
  SettledGroup,
  SettledStatus,
  SkipReason,
} from '../../../../machines/vocabulary.ts';
import type { DependencyGraph } from '../dependency-graph.ts';
import type { ConcurrencyConfig } from '../types.ts';

/** What a session needs besides a slot of its group: a shared slot, a place in its project, and an open account. */
export interface Gates {
  /** Takes a place in the project, across this machine; false if it is full. */
  enterProject(id: string, project: string): boolean;
  leaveProject(id: string, project: string): void;
  isAccountOpen(id: string): boolean;
  /** Takes a shared slot; false if none is available. Absent if slots aren't shared. */
  takeSlot?(id: string): boolean;
  freeSlot?(id: string): void;
  /** Takes one, also where none is available: it was never given back. */
  keepSlot?(id: string): void;
  /** How many shared slots are taken, and how many there are. */
  sharedSlots?(): { readonly live: number; readonly maxConcurrent: number };
}

export interface RosterSpec {
  readonly graph: DependencyGraph;
  readonly concurrency: Omit<ConcurrencyConfig, 'respectDependencies'>;
  readonly budget: BudgetPort;
  readonly quota: QuotaPort;
  readonly gates: Gates;
  /** The same key for all sessions of one project. */
  readonly projectOf: (id: string) => string;
  /** The same key for all sessions that merge in one repository. Absent: none merges. */
  readonly repositoryOf?: (id: string) => string;
  /** Whether results have been merged. Absent: none. */
  readonly merged?: () => boolean;
  /** The branch that the definition names for what is merged. Absent: none. */
  readonly into?: () => string | undefined;
  readonly inputOf: (id: string) => SessionInput;
  /** Whether a session that has not settled takes a message. Absent: none does. */
  readonly takesMessage?: (id: string) => boolean;
  /** How often the session was started. Absent: no session was. */
  readonly historyOf?: (id: string) => { readonly attempts: number };
  /** The parts that a new definition replaces; undefined for an unknown revision. */
  readonly revisionOf?: (revision: number) => Pick<RosterSpec, 'graph' | 'concurrency'> | undefined;
  readonly now: () => number;
  /** How long a session took, from which missing estimates are derived; undefined if it never started. */
  readonly durationOf?: (id: string) => number | undefined;
  /** The status that the journal left; absent for a new group. */
  readonly restored?: GroupStatus;
  /** Whether records are waiting to be written. Absent: never. */
  readonly unwritten?: () => boolean;
  /** Whether records are being written. Absent: never. */
  readonly writing?: () => boolean;
  /** Each change returns a copy, as needed for exploring a chart. Default: false. */
  readonly persistent?: boolean;
}

/**
 * What a new definition may do with a session depends on this. `ended`: stopped or skipped after it had run;
 * `never_ran`: stopped or skipped before.
 */
export type SessionStanding =
  | 'unknown'
  | 'pending'
  | 'in_play'
  | 'completed'
  | 'failed'
  | 'ended'
  | 'never_ran';

/** Sessions that have run stay in the group, with their costs (I8). */
export const REMOVABLE: ReadonlySet<SessionStanding> = new Set(['pending', 'never_ran']);
/** Changes of a session that has run take effect when it runs again (I4). */
export const CHANGEABLE: ReadonlySet<SessionStanding> = new Set(['pending', 'never_ran', 'failed', 'ended']);

export interface Settlement {
  readonly outcome: SettledStatus;
  readonly reason: SkipReason | undefined;
}

/** The state of a roster, restored from a journal. */
export interface RosterRecord {
  readonly settled: ReadonlyMap<string, Settlement>;
  /** Sessions that were in play, which have no actor yet; `elsewhere`: an attempt of it may live on. Default: false. */
  readonly inPlay: ReadonlyMap<string, { readonly held: boolean; readonly elsewhere?: boolean }>;
  /** Sessions that have not started, and are held. */
  readonly held: readonly string[];
  /** Of sessions that wait: which of their dependencies have been announced as resolved. */
  readonly resolved: ReadonlyMap<string, readonly string[]>;
  readonly errors: number;
  readonly reason: GroupReason | undefined;
  readonly delivery: DeliveryStanding;
}

/** What is known of the delivery of a group. */
export interface DeliveryStanding {
  /** What was merged is where it was to go; nothing has completed since. */
  readonly delivered: boolean;
  /** The branch that a request named; undefined once it is delivered. */
  readonly into: string | undefined;
  /** As what, and why, the group had settled when it was asked. */
  readonly before: { readonly status: SettledGroup; readonly reason?: GroupReason | undefined } | undefined;
}
