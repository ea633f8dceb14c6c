import type { DefinitionChanges } from '../../sdk/group/definition/definition-changes.ts';
import type { GroupProgress, GroupResult, WaitReason } from '../../sdk/group/progress/progress.ts';
import type { ControlMethod, ParamsOf } from './protocol.ts';

/** What the owner does for other processes: one function for each method of the protocol. */
export type ControlHandlers = {
  readonly [M in ControlMethod]: (params: ParamsOf<M>, context: ControlContext) => Promise<ControlResults[M]>;
};

export interface ControlContext {
  /** Aborted once nobody waits for the reply any more. What was asked for is not undone by it. */
  readonly signal: AbortSignal;
  /** false: reply when the request is accepted, not when the state is reached. */
  readonly wait: boolean;
  /** Streams a record. False when the reader is behind: send no more until `drained`. Never throws. */
  send(record: { readonly type: string }): boolean;
  /** Tells the reader something about the stream, such as `lagged`. */
  notify(notice: string): boolean;
  /** Resolves once the reader has caught up; rejects with the signal's reason when it has gone. */
  drained(): Promise<void>;
}

/** The reply to a request with `wait: false`. */
export interface Accepted {
  readonly accepted: true;
}

/** What each method replies with. */
export interface ControlResults {
  readonly status: GroupProgress;
  readonly pause: GroupResult | Accepted;
  readonly resume: GroupResult | Accepted;
  readonly stop: GroupResult | Accepted;
  /** `sessions`: what runs again, or under `dryRun` would. */
  readonly retry: GroupResult | Accepted | { readonly sessions: readonly string[] };
  /** What changed, or under `dryRun` would. */
  readonly redefine: DefinitionChanges;
  readonly set_max_budget: Accepted;
  readonly session_pause: Accepted;
  readonly session_resume: Accepted;
  readonly answer: Accepted;
  /** `why` is absent when it is going on. */
  readonly why: { readonly why?: WaitReason };
  /** Replied when the stream has ended: the events are over. */
  readonly watch: { readonly nextSeq: number };
}
