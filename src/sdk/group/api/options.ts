import type { InspectionEvent } from 'xstate';
import type { Clock } from '../../clock.ts';
import type { CommandRunner } from '../../delivery/run-commands.ts';
import type { Agent } from '../../session/agent.ts';
import type { WorkspacePort } from '../../workspace/port.ts';
import type { ExecutorOf } from '../attempt/executor/executor.ts';
import type { GroupFiles } from '../document/group-files.ts';
import type { ProjectPlaces } from '../engine/group-state.ts';
import type { QuotaGate } from '../schedule/quota-gate.ts';
import type { SessionSlots } from '../schedule/session-slots.ts';
import type { GroupStore } from '../store/store.ts';
import type { SavedExecutor } from '../types.ts';

/** What a group needs besides its definition. Everything has a default. */
export interface SessionGroupOptions {
  /** Where the group is stored. Default: in memory, for the lifetime of its handle. */
  readonly store?: GroupStore;
  /** Agents by kind; they replace or extend the built-in claude, command and scripted. */
  readonly agents?: Readonly<Record<string, Agent>>;
  /** Default: the system clock. */
  readonly clock?: Clock;
  /**
   * Receives XState's inspection events, e.g. the `inspect` of an inspector. Unused by `createGroupMachine`: give it to
   * the actor of your own machine.
   */
  readonly inspect?: (event: InspectionEvent) => void;
  /** The file that a definition object comes from (absolute path); stored with the group. Default: none. */
  readonly source?: { readonly file: string; readonly text: string };
  /**
   * Scripted agents stand in for the real ones: what they claim to have spent is shown as no money. Stored with a new
   * group. Default: false.
   */
  readonly rehearsal?: boolean;
  /** The base of a definition object's relative paths and of its `templates/`. Default: the working directory. */
  readonly baseDir?: string;
  /** Values for the `variables` that the definition declares. Default: those of the definition. */
  readonly variables?: Readonly<Record<string, unknown>>;
  /** Templates and shared configuration of a definition that is already loaded. Default: read from `baseDir`. */
  readonly files?: GroupFiles;
  /** Limits the sessions per project. Default: one gate for this user on this machine. */
  readonly projects?: ProjectPlaces;
  /** Makes the trees in which sessions work, and merges what they did. Default: in this machine's repositories. */
  readonly workspaces?: WorkspacePort;
  /**
   * Runs set-up and checks. Default: as processes of this machine.
   * @internal for tests: a host has no need of it
   */
  readonly commands?: CommandRunner;
  /**
   * Carries out the attempts of its sessions somewhere else, where they outlive this process. Sessions with a tree of their
   * own or with checks cannot run there. Default: this machine.
   */
  readonly executor?: ExecutorOf;
  /**
   * For saved groups that name their executor, where `executor` is not given: makes it. Default: such a group goes on on this
   * machine, unless sessions are at work elsewhere.
   */
  readonly executors?: (saved: SavedExecutor) => ExecutorOf | Promise<ExecutorOf>;
  /** Slots shared with other groups, besides this group's own `maxConcurrent`. Default: none. */
  readonly slots?: SessionSlots;
  /** Tracks the usage limits of accounts. Default: one gate for this process. */
  readonly quota?: QuotaGate;
  /** Environment for references such as `${TOKEN}` and for child processes. Default: process.env. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Whether the host calls `answer` when a session requests a permission. Default: false; such a session fails. */
  readonly attended?: boolean;
}

/** Options that all groups of a manager share. */
export interface GroupManagerOptions
  extends Omit<SessionGroupOptions, 'store' | 'source' | 'rehearsal' | 'baseDir' | 'variables' | 'slots'> {
  readonly store: GroupStore;
  /** How many sessions may be live across all groups, besides each group's own limit. Default: no limit. */
  readonly maxConcurrentSessions?: number;
}

/** Where a definition object comes from. */
export type DefinitionOrigin = Pick<SessionGroupOptions, 'source' | 'rehearsal' | 'baseDir' | 'variables'>;
