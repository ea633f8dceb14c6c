import type { Observable } from 'rxjs';
import type { InspectionEvent } from 'xstate';
import type { Clock } from '../../clock.ts';
import type { CommandRunner } from '../../delivery/run-commands.ts';
import type { Agent } from '../../session/agent.ts';
import type { WorkspacePort } from '../../workspace/port.ts';
import type { DefinitionChanges } from '../definition/definition-changes.ts';
import type {
  ChangeOrigin,
  SessionChanges,
  SessionInput,
  UpdateOrigin,
} from '../definition/next-definition.ts';
import type { GroupFiles } from '../document/group-files.ts';
import type { ProjectPlaces } from '../engine/group-state.ts';
import type { GroupActor } from '../engine/provide.ts';
import type { GroupEvent } from '../journal/events.ts';
import type { GroupProgress, GroupResult, WaitReason } from '../progress/progress.ts';
import type { QuotaGate } from '../schedule/quota-gate.ts';
import type { SessionSlots } from '../schedule/session-slots.ts';
import type { GroupStore } from '../store/store.ts';
import type { SessionGroup, SessionGroupInput } from '../types.ts';

/** What a group needs besides its definition. Everything has a default. */
export interface SessionGroupOptions {
  /** Where the group is stored. Default: in memory, for the lifetime of its handle. */
  readonly store?: GroupStore;
  /** Agents by kind; they replace or extend the built-in claude, command and scripted. */
  readonly agents?: Readonly<Record<string, Agent>>;
  /** Default: the system clock. */
  readonly clock?: Clock;
  /** Receives XState's inspection events, e.g. the `inspect` of an inspector. */
  readonly inspect?: (event: InspectionEvent) => void;
  /** The file that a definition object comes from (absolute path); stored with the group. Default: none. */
  readonly source?: { readonly file: string; readonly text: string };
  /** The base of a definition object's relative paths and of its `templates/`. Default: the working directory. */
  readonly baseDir?: string;
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
  extends Omit<SessionGroupOptions, 'store' | 'source' | 'baseDir' | 'slots'> {
  readonly store: GroupStore;
  /** How many sessions may be live across all groups, besides each group's own limit. Default: no limit. */
  readonly maxConcurrentSessions?: number;
}

/** Where a definition object comes from. */
export type DefinitionOrigin = Pick<SessionGroupOptions, 'source' | 'baseDir'>;

/** Whether to wait until the group comes to rest. */
export interface WaitOption {
  /** false: resolves with the group's current result as soon as the request is accepted. Default: true. */
  readonly wait?: boolean;
}

export interface DryRunOption {
  /** Reports what would change, or why it can't, without changing anything. Default: false. */
  readonly dryRun?: boolean;
}

/** A group that this process owns and can drive; see `createSessionGroup`. */
export interface SessionGroupHandle {
  readonly id: string;
  /** With the definition in force. */
  readonly group: SessionGroup;
  /** The group's folder; undefined if nothing is kept on disk. */
  readonly dir: string | undefined;
  /** The group's XState actor; undefined if the host's own machine runs the group. */
  readonly actor: GroupActor | undefined;
  /** Hot. Completes when the group settles or is disposed of, not when it pauses. */
  readonly events$: Observable<GroupEvent>;
  /**
   * The events so far, from this `seq` on, read lazily. Default: from the first.
   */
  history(fromSeq?: number): AsyncIterable<GroupEvent>;
  /** The events from this `seq` on: history first, then live, without a gap. The history is read lazily. */
  journal$(fromSeq?: number): Observable<GroupEvent>;
  /** The current progress, replayed to late subscribers, throttled to ten per second. */
  readonly progress$: Observable<GroupProgress>;
  /** The current progress. */
  getProgress(): GroupProgress;
  /** XState's snapshot of the group; undefined if the host's own machine runs it. */
  getSnapshot(): ReturnType<GroupActor['getSnapshot']> | undefined;
  /** The current result, of the kind that `run` resolves with. */
  getResult(): GroupResult;
  /** Starts the group; resolves when it is paused or settled. */
  run(): Promise<GroupResult>;
  /** Interrupts every live session so that it can continue later. `shutdown`: the host is about to exit. */
  pause(options?: WaitOption & { readonly reason?: 'manual' | 'shutdown' }): Promise<GroupResult>;
  /**
   * Continues the same conversations; resolves when the group is paused again or settled. Also resumes a group whose
   * engine died while it ran; if it was stopping, it is stopped. `maxBudgetUsd` sets the group's limit first.
   * @throws RefusedError `budget_exhausted` while the limit is reached.
   */
  resume(options?: WaitOption & { readonly maxBudgetUsd?: number | 'none' }): Promise<GroupResult>;
  /** Ends live sessions as stopped and skips the rest. */
  stop(options?: WaitOption): Promise<GroupResult>;
  /**
   * Runs failed, stopped and upstream-skipped sessions again, in the same conversations unless `fresh`.
   * Completed sessions and all costs are kept. In a paused group, the sessions wait for `resume`.
   */
  retry(
    options?: WaitOption & { readonly sessions?: readonly string[]; readonly fresh?: boolean },
  ): Promise<GroupResult>;
  /**
   * Delivers what has been merged into a branch of the user's: `into`, by its short name, or else the one that the
   * definition names. For a settled group, which settles again as it was before, whatever comes of it; and for a paused
   * one whose sessions have all completed, which completes by it, or stays paused with the reason `conflict` or
   * `delivery_refused`. The events `group_delivered` and `delivery_refused` say what has come of it; a pause or a stop
   * cuts it off. Resolves when the group has settled or is paused.
   * @throws RefusedError `nothing_to_deliver`, `branch_required`, `not_in_this_state`.
   */
  integrate(options?: WaitOption & { readonly into?: string }): Promise<GroupResult>;
  /** What `retry` would run again. */
  retryPlan(sessions?: readonly string[]): readonly string[];
  /** Sets the group's limit. A group that is paused because of its budget stays paused until `resume`. */
  setMaxBudget(usd: number | 'none'): Promise<void>;
  /** Holds one session while its group continues; a resume of the group doesn't release it. */
  pauseSession(id: string): Promise<void>;
  resumeSession(id: string): Promise<void>;
  /**
   * Replaces the definition, all or nothing, also while the group runs: sessions that start later use the new one.
   * Sessions in play or completed can't change, and sessions that have run can't be removed. A settled group that gets
   * new sessions becomes paused, so that `resume` runs them, unless none of them can ever start.
   *
   * @param definition path of a YAML or JSON file, or the definition itself.
   * @throws DefinitionError with every problem of it; RefusedError `sessions_in_the_way`, or because the group is
   * pausing, stopping or archived.
   */
  update(
    definition: string | SessionGroupInput,
    options?: UpdateOrigin & DryRunOption,
  ): Promise<DefinitionChanges>;
  /** Adds a session; see `update`. A template that the group doesn't have yet is copied into it. */
  addSession(session: SessionInput, options?: ChangeOrigin & DryRunOption): Promise<DefinitionChanges>;
  /** Removes a session that hasn't run; see `update`. */
  removeSession(id: string, options?: DryRunOption): Promise<DefinitionChanges>;
  /** Changes a session; see `update`. Changes of a session that has ended take effect on `retry`. */
  updateSession(
    id: string,
    changes: SessionChanges,
    options?: ChangeOrigin & DryRunOption,
  ): Promise<DefinitionChanges>;
  /**
   * Answers a permission request; `by` tells the journal who did. Default: `api`. With a denial, `answer` tells the
   * agent why. A question of the agent (`AskUserQuestion`) is allowed only with an `answer`, which it gets for each of
   * its questions.
   *
   * @throws RefusedError `answer_required`
   */
  answer(requestId: string, decision: 'allow' | 'deny', by?: string, answer?: string): Promise<void>;
  /** Why the session (or, without an id, the group) is waiting; undefined if it isn't. */
  why(sessionId?: string): WaitReason | undefined;
  /**
   * Ends everything live and releases all resources. A live group is paused if it is stored on disk, otherwise stopped.
   * @throws SessionGroupsError `records_lost`, after everything is released, naming the records that were not written.
   */
  dispose(): Promise<void>;
}
