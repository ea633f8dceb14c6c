import type { AgentEvent, Attempt, AttemptSpec } from '../../../session/agent.ts';
import type { KeptWork, QueueNews } from '../../tree/tree-call.ts';
import type { SavedExecutor } from '../../types.ts';
import type { AttemptOrder } from '../order/attempt-order.ts';
import type { StepAnswer, StepOptions, StepOrder } from './step.ts';

/**
 * Where the attempts of one group are carried out: on this machine, or with workers on others. The conformance suite in
 * `session-groups/testing` checks the rules that every implementation follows:
 *
 * EXECUTOR-1 nothing is told before `open` or `reconcile` has returned.
 * EXECUTOR-2 of each attempt that was opened, exactly one end is told, last: its agent's `ended`, `lost`, `returned` or
 *    `refused`. By then nothing of it is left, and nothing of it will begin.
 * EXECUTOR-3 what an agent reports is told in its order, each once, and once the attempt is placed.
 * EXECUTOR-4 the verbs of an attempt may be called at any time, any number of times, also before it is placed and after its
 *    end. One that is ended before it is placed never begins.
 * EXECUTOR-5 with `here: false`, attempts outlive `close`: another executor of the same group that reconciles one is told
 *    what it has reported since, its end included. One of which nothing is left is lost.
 */
export interface SessionExecutor {
  /** Attempts work on this machine and end with this process: there is never one to reconcile. */
  readonly here: boolean;
  /**
   * Orders an attempt. Of a session, the one with the highest number is the only one that is heard.
   * @throws what is missing here.
   */
  open(order: AttemptOrder, sink: AttemptSink): OpenedAttempt;
  /** Takes over an attempt that another executor of this group has opened. */
  reconcile(known: KnownAttempt, sink: AttemptSink): OpenedAttempt;
  /**
   * Carries out a step in a session's tree, beside its agent. One that is lost with its worker is sent again, a few times.
   * Absent: sessions have no trees of their own there; those of this machine are its group's own affair.
   * @throws WorkspaceError if nobody carries it out; the signal's reason.
   */
  step?(order: StepOrder, options: StepOptions): Promise<StepAnswer>;
  /**
   * Its group is deleted: ends what is left of these sessions elsewhere, and deletes all that is kept there. Default: nothing.
   */
  forget?(sessions: readonly ForgottenSession[]): Promise<void>;
  /** Detaches: nothing is told any more. What it has opened elsewhere goes on. */
  close(): Promise<void>;
}

/** Makes the executor of a group, once for each engine. */
export interface ExecutorOf {
  (group: ExecutorGroup): SessionExecutor;
  /** What a group that is created with it is saved with. Default: nothing; whoever opens it has to know. */
  readonly saved?: SavedExecutor;
}

/** A group, as its executor sees it. */
export interface ExecutorGroup {
  readonly id: string;
  /** Resolves once everything that was journalled so far is written; undefined: it is. */
  written(): Promise<void> | undefined;
}

/** What is told of an attempt. */
export interface AttemptSink {
  /**
   * What its agent reports, and of `ended`, all that it was. `report`: its number, by which `reconcile` goes on; absent where
   * attempts end with this process. `kept`: with the end, what is in the session's tree, if that is elsewhere.
   */
  reported(event: AgentEvent, report?: number, kept?: KeptWork): void;
  /** What becomes of its place. */
  placed(news: PlaceNews): void;
}

/** Where an attempt is, besides what its agent reports. */
export type PlaceNews =
  | ({ readonly type: 'waiting' } & QueueNews)
  /** It has a worker, and is about to begin. `place`: for an order that resumes its conversation. */
  | {
      readonly type: 'placed';
      readonly worker: string;
      readonly host: string;
      readonly place?: string;
      readonly report: number;
    }
  /** Its worker has not been heard of for long: it is lost at `until` (epoch milliseconds), unless it is heard of before. */
  | { readonly type: 'silent'; readonly until: number }
  /** It has been heard of again. */
  | { readonly type: 'heard' }
  /** Its worker is gone, and so is the attempt. */
  | { readonly type: 'lost' }
  /** It was taken back before it was placed, or its worker was stopped: nobody's failure. `kept`: what is in its tree. */
  | { readonly type: 'returned'; readonly kept?: KeptWork }
  /** It is not carried out, and nothing has run. `passes`: for a reason that may pass. Default: false. */
  | { readonly type: 'refused'; readonly message: string; readonly passes?: boolean };

/** An attempt of another executor, as the group's journal knows it. */
export interface KnownAttempt {
  readonly sessionId: string;
  readonly attempt: number;
  /** The last report that has been taken in; 0: none. */
  readonly after: number;
  /** Who has it. Default: nobody, as far as is known. */
  readonly worker?: string | undefined;
  /** The place for which it waited: that of its tree, or its conversation. Default: none. */
  readonly at?: string | undefined;
}

/** A session of a group that is deleted. */
export interface ForgottenSession {
  readonly sessionId: string;
  /** The number of its last attempt; 0: it has had none. */
  readonly attempts: number;
  /** That one, if it may live on. */
  readonly live?: KnownAttempt;
}

/** An attempt that was opened, or taken over. */
export interface OpenedAttempt {
  /** `interrupt` asks for a pause; `terminate` and `kill` cancel. */
  readonly attempt: Attempt;
  /** What no log and no message may contain, by name; absent where the agent's machine keeps it to itself. */
  readonly secrets?: AttemptSpec['secrets'];
  /** It has to be placed first, which is told. Default: false. */
  readonly waits?: boolean;
  /** All that it has reported is journalled, its end included: nobody asks for it again. */
  readonly done?: () => void;
}
