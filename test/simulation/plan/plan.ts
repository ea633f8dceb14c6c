import type { SimulatedDefinition, SimulatedSession, Verb, Via } from '../history.ts';

/**
 * Everything that happens in a simulated run and is not decided by the engine, as plain data: what a seed means, what
 * shrinking makes smaller, and what a regression test keeps. Times are milliseconds since the run began.
 */
export interface Plan {
  readonly seed: number;
  readonly definition: PlannedDefinition;
  /** What a written record survives: the death of its process, or a power cut. */
  readonly durability: 'process' | 'power';
  /** Bytes between two snapshots. */
  readonly snapshotEvery: number;
  /** Each write of a record takes one of these times; 0: a turn of the event loop. Default: the store is synchronous. */
  readonly writeMs?: readonly [number, ...number[]];
  /** By session, the runs of its agent one after the other; after the last, each is done at once. */
  readonly runs: Readonly<Record<string, readonly PlannedRun[]>>;
  readonly actions: readonly PlannedAction[];
  readonly faults: readonly PlannedFault[];
  /** Who continues when an owner has died, one after the other; after the last, a resume follows at once. */
  readonly heirs: readonly Heir[];
  /** A person's answers to permission requests, one after the other; after the last, nobody answers. */
  readonly person: readonly PersonsAnswer[];
  /** How often, once the group has settled without success, someone retries it. */
  readonly retries: number;
  /** Every how many steps someone looks. */
  readonly looks: { readonly control: number; readonly http: number; readonly disk: number };
  /** Default: nobody. */
  readonly followers?: readonly PlannedFollower[];
  /** What each side of a connection takes before its writers have to wait. Default: as usual. */
  readonly socketBytes?: number;
  /** Whether, once everything rests, callers go on until the group has settled. */
  readonly settles: boolean;
  /** Another group of the same manager; default: none. */
  readonly neighbour?: PlannedNeighbour;
  /** Of a group that delivers; default: it does not. */
  readonly delivery?: PlannedDelivery;
  /** The run ends after this many steps. */
  readonly steps?: number;
}

/** What the commands of sessions do, and the user in the repositories meanwhile. */
export interface PlannedDelivery {
  /** How long each step of git takes. */
  readonly stepMs: number;
  /** By session, its checks one after the other; after the last, each is green. Those of what is delivered: `_delivery`. */
  readonly checks: Readonly<Record<string, readonly PlannedCommand[]>>;
  /** What prepares trees, of all sessions one after the other. */
  readonly setups: readonly PlannedCommand[];
}

export interface PlannedCommand {
  readonly takesMs: number;
  readonly is: 'green' | 'red' | 'hang';
  /** It changes a file of the tree. */
  readonly changes?: boolean;
  /** How long it takes to end when it is told to. */
  readonly stopMs?: number;
}

export interface PlannedNeighbour {
  /** How many sessions of both groups may be live at once in one process. */
  readonly slots: number;
  readonly definition: PlannedDefinition;
  readonly runs: Plan['runs'];
  readonly startMs: number;
  /** It is paused then, and goes on after `forMs`. */
  readonly pause?: { readonly at: number; readonly forMs: number };
}

export interface PlannedDefinition extends SimulatedDefinition {
  readonly sessions: readonly PlannedSession[];
}

export interface PlannedSession extends SimulatedSession {
  /** Whether its agent can resume a conversation. */
  readonly resumes: boolean;
}

export interface PlannedRun {
  /** From its start to its first sign of life. */
  readonly startMs: number;
  readonly steps: readonly PlannedStep[];
  readonly end: PlannedEnd;
  /** How it reacts to an interrupt: how many of interrupt and terminate it ignores, and how long it takes to end. */
  readonly ignores: 0 | 1 | 2;
  readonly stopMs: number;
  /** What its own totals count: this run, or all runs of its conversation. The same for all runs of a session. */
  readonly scope: 'process' | 'conversation';
  /** It ends as it would have ended anyway, not as interrupted. */
  readonly finishes?: boolean;
  /** It reports what it has spent before it ends because of an interrupt. */
  readonly tellsAtStop?: boolean;
  /** What it does with a conflict that its tree has. Default: resolves it. */
  readonly leaves?: 'all' | 'one';
  /** It takes no messages. */
  readonly deaf?: boolean;
  /** How it breaks the rules of the port. */
  readonly odd?: Oddity;
}

export type Oddity =
  | 'throws in start'
  | 'emits inside start'
  | 'ends inside start'
  | 'ends twice'
  | 'speaks after its end';

/** After `after` milliseconds. */
export type PlannedStep = { readonly after: number } & (
  | { readonly does: 'say' | 'tool' | 'activity' | 'retry by itself' | 'absurd' }
  /** `usage`: of one reply; `interim`: first half of it, then all; `total`: its own figure; `none`: later, if ever. */
  | {
      readonly does: 'spend';
      readonly microUsd: number;
      readonly report: 'usage' | 'interim' | 'total' | 'none';
      /** The same report again, this often. */
      readonly again?: number;
    }
  /** A file of its tree; one that is not its own may conflict with others. */
  | { readonly does: 'write'; readonly path: string }
  /** It waits for the answer, and withdraws its request after `withdraws` milliseconds. */
  | { readonly does: 'ask'; readonly withdraws?: number }
);

export type PlannedEnd =
  | { readonly is: 'done'; readonly denials?: number }
  | { readonly is: 'failed'; readonly code: string }
  | { readonly is: 'limited'; readonly forMs?: number }
  | { readonly is: 'hang' };

/** Process 0 creates the group; the others appear when they are first needed. */
export interface PlannedAction {
  readonly at: Moment;
  /** `owner`: whichever process owns the group then. */
  readonly process: number | 'owner';
  readonly via: Via;
  readonly verb: Verb;
  readonly args: Arguments;
}

/** Actions at the same time happen in the same turn; `event`: from within the delivery of the nth such event. */
export type Moment = { readonly ms: number } | { readonly event: string; readonly nth: number };

export interface Arguments {
  readonly wait?: boolean;
  readonly usd?: number | 'none';
  readonly session?: string;
  readonly sessions?: readonly string[];
  readonly fresh?: boolean;
  readonly decision?: 'allow' | 'deny';
  /** Default: the newest. */
  readonly requestId?: string;
  readonly pauseInterrupted?: boolean;
  readonly change?: PlannedChange;
  readonly into?: string;
  /** The id of a message. */
  readonly message?: string;
}

export type PlannedChange =
  | { readonly kind: 'add'; readonly session: PlannedSession }
  | { readonly kind: 'remove'; readonly session: string }
  | { readonly kind: 'change'; readonly session: string; readonly to: Partial<PlannedSession> }
  /** Other values of all fan-outs. */
  | { readonly kind: 'values'; readonly values: readonly string[] }
  | { readonly kind: 'limit'; readonly microUsd?: number };

export type PlannedFault =
  | {
      readonly kind: 'crash';
      readonly at: number;
      readonly process: number | 'owner';
      readonly reaperMs?: number;
    }
  /** At the nth disk operation of this kind (`any`) that the process does on such a file. */
  | {
      readonly kind: 'crash at the disk';
      readonly operation: string;
      readonly file: string;
      readonly nth: number;
      readonly moment: 'before' | 'after' | 'torn';
      readonly reaperMs?: number;
    }
  | {
      readonly kind: 'disk fails';
      readonly at: number;
      readonly forMs: number;
      readonly code: 'ENOSPC' | 'EIO' | 'EROFS';
      readonly operations: readonly string[];
      readonly file: string;
      /** It begins at the nth of these operations that a process does on such a file, not at a time. */
      readonly nth?: number;
      /** A write writes as many bytes before it fails. */
      readonly short?: number;
    }
  | { readonly kind: 'disk is slow'; readonly at: number; readonly forMs: number; readonly by: number }
  | { readonly kind: 'clock jumps'; readonly at: number; readonly by: number }
  /** Before or after the nth step of git that a process takes, of this name (`any`). */
  | {
      readonly kind: 'crash in a step';
      readonly step: string;
      readonly nth: number;
      readonly reaperMs?: number;
    }
  /** That step fails (`moved`: what is there is not what the engine left), or is slow. */
  | {
      readonly kind: 'step fails';
      readonly step: string;
      readonly nth: number;
      readonly how: 'passes' | 'stays' | 'moved' | 'slow';
    }
  /** The user does something in a repository: moves a branch (perhaps in conflict), or disturbs a session's tree. */
  | {
      readonly kind: 'user';
      readonly at: number;
      readonly does: 'commits' | 'commits in conflict' | 'deletes a tree' | 'changes a tree';
      /** The name of a repository, or the id of a session. */
      readonly where: string;
    }
  | { readonly kind: 'freeze'; readonly at: number; readonly forMs: number }
  | { readonly kind: 'sockets are lost'; readonly at: number }
  /** `torn`: the share of what had been appended since the last sync that is on the disk all the same. */
  | { readonly kind: 'power cut'; readonly at: number; readonly torn?: number };

/** `ignores`: this one is not answered. */
export interface PersonsAnswer {
  readonly afterMs: number;
  readonly via: Via;
  readonly decision: 'allow' | 'deny' | 'ignores';
}

export interface Heir {
  readonly afterMs: number;
  readonly via: 'handle' | 'http';
  readonly verb: 'resume' | 'pause' | 'stop' | 'retry' | 'run' | 'delete';
  /** Another process opens the group at this disk operation of the first one. */
  readonly rivalAt?: number;
  /** It lets the group go again after this many milliseconds. */
  readonly leavesAfterMs?: number;
  /** Another program has the dead owner's pid by now. */
  readonly pidIsReused?: boolean;
}

/** Somebody who follows the group's events from outside, leaves, and comes again with the last one that it has seen. */
export interface PlannedFollower {
  readonly via: 'http' | 'control';
  /** The first event that it asks for. */
  readonly fromSeq: number;
  readonly visits: readonly PlannedVisit[];
}

export interface PlannedVisit {
  /** After the one before has ended. */
  readonly afterMs: number;
  /** It leaves after this time, unless the stream ends or is lost before. */
  readonly forMs: number;
  /** Over HTTP, whose server it asks. */
  readonly server: number | 'owner';
  /** How long it takes to read what has come at once. */
  readonly readMs?: number;
  /** Its connection is lost once this many bytes have come. */
  readonly lostAfter?: number;
}
