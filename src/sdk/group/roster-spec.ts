import type { BudgetPort, QuotaPort, SessionInput } from '../../../machines/contract.ts';
import type { GroupStatus, SettledStatus, SkipReason } from '../../../machines/vocabulary.ts';
import type { DependencyGraph } from './dependency-graph.ts';
import type { ConcurrencyConfig } from './types.ts';

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
  readonly now: () => number;
  /** How long a session took, for the order of those without an estimate; undefined for one that never started. */
  readonly durationOf?: (id: string) => number | undefined;
  readonly restored?: GroupStatus;
  /** Each change returns a copy, as exploring a chart needs it. Default: false. */
  readonly persistent?: boolean;
}

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
