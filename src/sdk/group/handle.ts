import type { Observable } from 'rxjs';
import type { InspectionEvent } from 'xstate';
import type { Clock } from '../clock.ts';
import type { Agent } from '../session/agent.ts';
import type { GroupEvent } from './events.ts';
import type { ProjectPlaces } from './group-state.ts';
import type { GroupProgress, GroupResult, WaitReason } from './progress.ts';
import type { QuotaGate } from './quota-gate.ts';
import type { SessionGroup } from './types.ts';

export interface SessionGroupOptions {
  /** Agents by kind, instead of or besides the built-in claude, command and scripted. */
  readonly agents?: Readonly<Record<string, Agent>>;
  /** Default: the system clock. */
  readonly clock?: Clock;
  /** Receives XState's inspection events, e.g. the `inspect` of an inspector. */
  readonly inspect?: (event: InspectionEvent) => void;
  /** Where relative paths of a definition object start. Default: the working directory. */
  readonly baseDir?: string;
  /** Places in projects. Default: one gate for this user on this machine. */
  readonly projects?: ProjectPlaces;
  /** What is known about the accounts' limits. Default: one gate for this process. */
  readonly quota?: QuotaGate;
  /** Where references such as `${TOKEN}` are looked up and what children inherit. Default: process.env. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** A group that is in memory and can be driven; see `createSessionGroup`. */
export interface SessionGroupHandle {
  readonly id: string;
  readonly group: SessionGroup;
  /** Hot. Completes when the group is settled or disposed, not when it pauses. */
  readonly events$: Observable<GroupEvent>;
  /** The current progress, replayed to late subscribers, throttled to ten a second. */
  readonly progress$: Observable<GroupProgress>;
  /** The progress of this moment. */
  getProgress(): GroupProgress;
  /** How the group stands now; what `run` resolves with. */
  getResult(): GroupResult;
  /** Starts the group; resolves when it is paused or settled. */
  run(): Promise<GroupResult>;
  /** Interrupts every live session so that it can go on later. `shutdown`: the host is about to leave. */
  pause(options?: { readonly reason?: 'manual' | 'shutdown' }): Promise<GroupResult>;
  resume(options?: { readonly maxBudgetUsd?: number }): Promise<GroupResult>;
  stop(): Promise<GroupResult>;
  /** Why the session, or without an id the group, is not going on; undefined when it is. */
  why(sessionId?: string): WaitReason | undefined;
  /** Ends whatever is live and releases everything. Safe to call twice. */
  dispose(): Promise<void>;
}
