import type { Observable } from 'rxjs';
import type { InspectionEvent } from 'xstate';
import type { Clock } from '../../clock.ts';
import type { Agent } from '../../session/agent.ts';
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

/** What a group is given besides its definition. Everything has a default. */
export interface SessionGroupOptions {
  /** Where the group is kept. Default: in memory, for as long as its handle. */
  readonly store?: GroupStore;
  /** Agents by kind, instead of or besides the built-in claude, command and scripted. */
  readonly agents?: Readonly<Record<string, Agent>>;
  /** Default: the system clock. */
  readonly clock?: Clock;
  /** Receives XState's inspection events, e.g. the `inspect` of an inspector. */
  readonly inspect?: (event: InspectionEvent) => void;
  /** The file that a definition object comes from, absolute; kept beside it. Default: none. */
  readonly source?: { readonly file: string; readonly text: string };
  /** Where relative paths of a definition object start, and its `templates/` lie. Default: the working directory. */
  readonly baseDir?: string;
  /** Templates and shared configuration of a definition that was loaded before. Default: read below `baseDir`. */
  readonly files?: GroupFiles;
  /** Places in projects. Default: one gate for this user on this machine. */
  readonly projects?: ProjectPlaces;
  /** Slots that this group shares with others, besides its own `maxConcurrent`. Default: none. */
  readonly slots?: SessionSlots;
  /** What is known about the accounts' limits. Default: one gate for this process. */
  readonly quota?: QuotaGate;
  /** Where references such as `${TOKEN}` are looked up and what children inherit. Default: process.env. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Somebody calls `answer` when a session asks for a permission. Default: false, and such a session fails. */
  readonly attended?: boolean;
}

/** How long a request is waited for. */
export interface WaitOption {
  /** false: resolves, with how the group stands, as soon as the request was accepted. Default: true. */
  readonly wait?: boolean;
}

export interface DryRunOption {
  /** Tells what would change, or why it may not, and changes nothing. Default: false. */
  readonly dryRun?: boolean;
}

/** A group that this process owns and can drive; see `createSessionGroup`. */
export interface SessionGroupHandle {
  readonly id: string;
  /** With the definition in force. */
  readonly group: SessionGroup;
  /** The group's folder; undefined where nothing is kept on disk. */
  readonly dir: string | undefined;
  /** The group's XState actor; undefined where a machine of the host's runs the group. */
  readonly actor: GroupActor | undefined;
  /** Hot. Completes when the group is settled or disposed, not when it pauses. */
  readonly events$: Observable<GroupEvent>;
  /**
   * The events from this `seq` on that have happened when it is called, read bit by bit as they are asked for.
   * Default: from the first.
   */
  history(fromSeq?: number): AsyncIterable<GroupEvent>;
  /** The events from this `seq` on: history first, then live, without a gap; the history is read while it is subscribed. */
  journal$(fromSeq?: number): Observable<GroupEvent>;
  /** The current progress, replayed to late subscribers, throttled to ten a second. */
  readonly progress$: Observable<GroupProgress>;
  /** The progress of this moment. */
  getProgress(): GroupProgress;
  /** XState's snapshot of the group; undefined where a machine of the host's runs it. */
  getSnapshot(): ReturnType<GroupActor['getSnapshot']> | undefined;
  /** How the group stands now; what `run` resolves with. */
  getResult(): GroupResult;
  /** Starts the group; resolves when it is paused or settled. */
  run(): Promise<GroupResult>;
  /** Interrupts every live session so that it can go on later. `shutdown`: the host is about to leave. */
  pause(options?: WaitOption & { readonly reason?: 'manual' | 'shutdown' }): Promise<GroupResult>;
  /**
   * Goes on with the same conversations; resolves when the group is paused again or settled. Also for a group
   * whose engine died while it ran; one that was being stopped then is stopped. `maxBudgetUsd` sets the limit first, absolute.
   * @throws RefusedError `budget_exhausted` while the limit is reached.
   */
  resume(options?: WaitOption & { readonly maxBudgetUsd?: number | 'none' }): Promise<GroupResult>;
  /** Ends live sessions as stopped and skips the rest. */
  stop(options?: WaitOption): Promise<GroupResult>;
  /**
   * Runs failed, stopped and upstream-skipped sessions again, in the same conversations unless `fresh`;
   * completed ones are kept, and what was spent stays spent. In a paused group they wait for `resume`.
   */
  retry(
    options?: WaitOption & { readonly sessions?: readonly string[]; readonly fresh?: boolean },
  ): Promise<GroupResult>;
  /** What `retry` would run again. */
  retryPlan(sessions?: readonly string[]): readonly string[];
  /** Sets the limit, absolute; a group that is paused over its budget stays so until `resume`. */
  setMaxBudget(usd: number | 'none'): Promise<void>;
  /** Holds one session while its group goes on; survives a resume of the group. */
  pauseSession(id: string): Promise<void>;
  resumeSession(id: string): Promise<void>;
  /**
   * Replaces the definition, also while the group runs: what starts from then on starts by the new one. All of it or
   * nothing. Sessions that are in play or completed stay as they are, and what has run stays in the group. A group that
   * has ended and gets new sessions is paused, so that `resume` runs them.
   *
   * @param definition path of a YAML or JSON file, or the definition itself.
   * @throws DefinitionError with every problem of it; RefusedError `sessions_in_the_way`, and where the group is
   * pausing, stopping or archived.
   */
  update(
    definition: string | SessionGroupInput,
    options?: UpdateOrigin & DryRunOption,
  ): Promise<DefinitionChanges>;
  /** Adds a session; see `update`. A template that the group has not got yet is copied into it. */
  addSession(session: SessionInput, options?: ChangeOrigin & DryRunOption): Promise<DefinitionChanges>;
  /** Takes a session away that has not run; see `update`. */
  removeSession(id: string, options?: DryRunOption): Promise<DefinitionChanges>;
  /** Changes a session; see `update`. What is changed of one that has ended takes effect with `retry`. */
  updateSession(
    id: string,
    changes: SessionChanges,
    options?: ChangeOrigin & DryRunOption,
  ): Promise<DefinitionChanges>;
  /** Answers a permission request; `by` says who did, for the journal. Default: `api`. */
  answer(requestId: string, decision: 'allow' | 'deny', by?: string): Promise<void>;
  /** Why the session, or without an id the group, is not going on; undefined when it is. */
  why(sessionId?: string): WaitReason | undefined;
  /**
   * Ends whatever is live and releases everything; a live group is paused first where it is kept on disk, else stopped.
   * @throws SessionGroupsError `records_lost`, which names what could not be written, after all that was done.
   */
  dispose(): Promise<void>;
}
