import type { Delivering, SimulatedDelivery } from './delivery-history.ts';

/**
 * What a simulated run shows to an observer: the only thing that the world hands to the oracle. Plain data, in the order
 * in which it happened, without a type or a function of the engine, so that the oracle's reading of the specification
 * cannot inherit a fault.
 */

/** A process of the simulated machine, by its pid. */
export type Pid = number;
/** A run of an agent: one attempt as the agent itself sees it. Unique in a history. */
export type RunId = number;

export type { Delivering, Files, SimulatedDelivery } from './delivery-history.ts';

export type Via = 'handle' | 'manager' | 'control' | 'http';

export type Verb =
  | 'run'
  | 'pause'
  | 'resume'
  | 'stop'
  | 'retry'
  | 'update'
  | 'setMaxBudget'
  | 'pauseSession'
  | 'resumeSession'
  | 'send'
  | 'answer'
  | 'integrate'
  | 'archive'
  | 'clean'
  | 'delete'
  | 'open'
  | 'dispose';

/** A public event, as a subscriber, the journal or the wire delivers it. */
export interface SeenEvent {
  readonly seq: number;
  readonly time: string;
  readonly groupId: string;
  readonly type: string;
  readonly [field: string]: unknown;
}

/** A session as a view shows it: `getProgress`, a list, the control protocol or the HTTP API. */
export interface SeenSession {
  readonly id: string;
  /** The fan-out that it is of, and its value; absent: it is of none. */
  readonly forEach?: FanOutMember;
  readonly status: string;
  /** The reason for its wait, in words; absent if it has none. */
  readonly why?: string;
  readonly skipReason?: string;
  readonly errorCode?: string;
  readonly costUsd: number;
  readonly estimated: boolean;
  readonly attempts: number;
  /** Absent if it has never started. */
  readonly durationMs?: number;
}

export interface FanOutMember {
  readonly of: string;
  readonly value: string;
}

export interface Picture {
  readonly status: string;
  readonly why?: string;
  readonly totalCostUsd: number;
  readonly limitUsd?: number;
  readonly elapsedMs?: number;
  /** How many sessions are in each status, in the words of the view. */
  readonly counts?: Readonly<Record<string, number>>;
  readonly sessions: readonly SeenSession[];
}

export type Happening =
  | Delivering
  /** `slots`: so many sessions of all groups of its manager may be live at once; absent: as many as there are. */
  | { readonly kind: 'process.started'; readonly pid: Pid; readonly slots?: number }
  /** It does nothing from here on. `reaped`: its reaper ended the runs of its agents within two seconds. */
  | { readonly kind: 'process.crashed'; readonly pid: Pid; readonly reaped: boolean }
  | { readonly kind: 'process.exited'; readonly pid: Pid }
  /** Neither its code nor its agents run, but time passes (a stopped container). */
  | { readonly kind: 'process.frozen' | 'process.thawed'; readonly pid: Pid }
  /** A fault was injected; for people who read a history. */
  | {
      readonly kind: 'fault';
      readonly pid?: Pid;
      readonly what: string /** The wall clock jumps by this much. */;
      readonly jumpMs?: number;
    }
  | {
      readonly kind: 'request';
      readonly id: number;
      readonly pid: Pid;
      readonly via: Via;
      readonly verb: Verb;
      readonly args: Readonly<Record<string, unknown>>;
    }
  /** `accepted`; `refused`: a typed error that says no; `failed`: a typed error of the machine (disk, lost owner); `untyped`: anything else. */
  | {
      readonly kind: 'answer';
      readonly id: number;
      readonly outcome: 'accepted' | 'refused' | 'failed' | 'untyped';
      readonly code?: string;
      readonly message?: string;
      /** Of an answer over HTTP. */
      readonly status?: number;
    }
  /** A watcher (a handle's stream, a control client, an HTTP stream) saw an event. Each watcher sees each event once, in order. */
  | { readonly kind: 'event'; readonly pid: Pid; readonly watcher: string; readonly event: SeenEvent }
  /**
   * From here on the watcher is to see the events from this number on. `slowly`: it may not have read what has come;
   * absent: it says no more than that it has ended.
   */
  | {
      readonly kind: 'watch.began';
      readonly pid: Pid;
      readonly watcher: string;
      readonly fromSeq: number;
      readonly slowly?: boolean;
    }
  /** `end`: it was told that nothing follows, and over HTTP, how the group has settled. Absent: it may miss something. */
  | {
      readonly kind: 'watch.ended';
      readonly pid: Pid;
      readonly watcher: string;
      readonly because?: 'left' | 'lost' | 'end' | 'error';
      readonly status?: string;
      readonly code?: string;
    }
  /** The agent's own log. */
  | {
      readonly kind: 'agent.started';
      readonly pid: Pid;
      readonly run: RunId;
      readonly session: string;
      readonly attempt: number;
      readonly project: string;
      readonly conversation: string;
      /** The engine says that the conversation exists and goes on. */
      readonly resumes: boolean;
      readonly capUsd?: number;
      /** What it is asked, if it reads a fan-out. */
      readonly prompt?: string;
    }
  /** It spent this much in all in this run, in micro-dollars; `told`: it has reported that much to the engine by now. */
  | { readonly kind: 'agent.spent'; readonly run: RunId; readonly microUsd: number; readonly told: number }
  /** It has reported something else that belongs to its turn. */
  | { readonly kind: 'agent.worked'; readonly run: RunId }
  | { readonly kind: 'agent.asked'; readonly run: RunId; readonly requestId: string }
  /** It waits for the answer no more. */
  | { readonly kind: 'agent.withdrew'; readonly run: RunId; readonly requestId: string }
  | {
      readonly kind: 'agent.heard';
      readonly run: RunId;
      readonly requestId: string;
      readonly decision: 'allow' | 'deny';
    }
  /** Its conversation has the message, by this run. */
  | { readonly kind: 'agent.took'; readonly run: RunId; readonly session: string; readonly messageId: string }
  | { readonly kind: 'agent.told'; readonly run: RunId; readonly to: 'interrupt' | 'terminate' | 'kill' }
  /** Its last words; nothing of it is alive. `killed`: its process was ended from outside, and nobody heard it. */
  | {
      readonly kind: 'agent.ended';
      readonly run: RunId;
      readonly outcome: 'done' | 'failed' | 'limited' | 'interrupted' | 'killed';
      readonly code?: string;
      /** Epoch milliseconds. */
      readonly until?: number;
    }
  /** What a view shows. `from`: the process that shows it; a process that has never owned the group reads it from disk. */
  | { readonly kind: 'picture'; readonly pid: Pid; readonly via: Via | 'disk'; readonly picture: Picture }
  /** Of another group of the same manager: a run of an agent; whether it is running, and how many sessions have a slot. */
  | { readonly kind: 'neighbour.started'; readonly pid: Pid; readonly run: RunId }
  | { readonly kind: 'neighbour.ended'; readonly run: RunId }
  | {
      readonly kind: 'neighbour.seen';
      readonly pid: Pid;
      readonly holding: number;
      readonly running: boolean;
    }
  /** Its folder has gone from the disk, or is back. */
  | { readonly kind: 'folder'; readonly there: boolean }
  /** A view says that there is no such group; `listed`: its list has the group all the same. */
  | { readonly kind: 'unknown'; readonly pid: Pid; readonly via: Via | 'disk'; readonly listed: boolean }
  /**
   * The whole content of the journal file, after the world has run a step; also what a crash left of it. `added`: it is
   * what it was before, with this many lines more; absent: it was torn, truncated or replaced.
   */
  | { readonly kind: 'journal'; readonly lines: readonly string[]; readonly added?: number }
  /** Nothing is due any more: no timer, no live run, no request on its way. */
  | { readonly kind: 'at rest'; readonly timers: number; readonly listeners: number };

export type Observation = Happening & {
  /** Epoch milliseconds of the simulated clock. */
  readonly at: number;
  /** Counts the steps of the world: what has the same step happened before anything else could run. */
  readonly step: number;
};

/** The definition in plain terms, as the oracle needs it; durations in milliseconds, money in micro-dollars. */
export interface SimulatedDefinition {
  readonly maxConcurrent: number;
  readonly maxPerProject: number;
  readonly respectDependencies: boolean;
  readonly pauseOnError: boolean;
  readonly errorThreshold: number;
  /** Undefined: none. */
  readonly limitMicroUsd?: number;
  readonly onBudgetExceeded: 'pause' | 'stop' | 'warn';
  readonly warningThreshold: number;
  readonly retry: {
    readonly maximumAttempts: number;
    readonly initialInterval: number;
    readonly backoffCoefficient: number;
    readonly maximumInterval: number;
    readonly nonRetryable: readonly string[];
  };
  readonly idleMs: number;
  readonly attemptMs: number;
  readonly maxQuotaWaitMs: number;
  readonly onRequest: 'ask' | 'deny' | 'fail';
  /** How long a permission request waits for an answer. */
  readonly approvalMs: number;
  /** Absent: sessions work in their projects' own folders, and their agents' word is enough. */
  readonly delivery?: SimulatedDelivery;
  readonly sessions: readonly SimulatedSession[];
}

export interface SimulatedSession {
  readonly id: string;
  readonly project: string;
  /** The repository of its tree, if it has one. */
  readonly repository?: string;
  readonly dependsOn: readonly {
    readonly session: string;
    readonly when: 'completed' | 'failed' | 'settled';
  }[];
  readonly trigger: 'all' | 'any';
  readonly priority: number;
  readonly estimateMs?: number;
  readonly limitMicroUsd?: number;
  readonly allowFailure: boolean;
  /** It is a fan-out: it stands for a session for each of these values, and its id for all of them. */
  readonly forEach?: readonly string[];
  /** Of a fan-out, as the oracle expands it. */
  readonly member?: FanOutMember;
  /** Its prompt has the results of this fan-out. */
  readonly reads?: string;
  /** Whether its agent can resume a conversation. Default: true. */
  readonly resumes?: boolean;
}

export interface Violation {
  /** The rule: an invariant's number (`I5`), or a section of the specification (`§7 refused requests change nothing`). */
  readonly rule: string;
  readonly message: string;
  readonly step: number;
}

/** Reads a history as it grows. Written from the specification alone. */
export interface Judge {
  see(observation: Observation): void;
  /** The definition that holds from the next observation on; called first of all, and at each accepted update. */
  define(definition: SimulatedDefinition): void;
  /** What is wrong after this step; empty if nothing is. */
  step(): readonly Violation[];
  /** What is wrong at the end, when the world has come to rest. */
  end(): readonly Violation[];
}
