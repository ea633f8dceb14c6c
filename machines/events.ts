import type { ErrorCode, GroupReason, GroupStatus, PauseReason, SessionError } from './vocabulary.ts';

/** What the charts are told: requests, what their host reports, and what they tell each other. */

/** A request that wants an answer carries an id; `accept` and `refuse` hand it back to whoever waits for it. */
interface Control {
  readonly request?: string;
}

/** Why a chart refuses a request. */
export type RefusalCode =
  | 'not_in_this_state'
  | 'budget_exhausted'
  | 'session_not_pausable'
  | 'session_not_paused'
  | 'message_refused'
  | 'no_such_request'
  | 'still_pausing'
  | 'already_paused'
  | 'already_stopped'
  | 'nothing_to_retry'
  | 'nothing_to_deliver'
  | 'branch_required'
  | 'sessions_in_the_way'
  /** Ways of `not_in_this_state`, the last two of a group whose engine died: hosts see that code, with a hint of its own. */
  | 'sessions_unfinished'
  | 'interrupted'
  | 'stop_unfinished';

/** A new definition, as the chart sees it: sessions by their ids. The host knows the rest by its revision. */
export interface Redefinition {
  readonly revision: number;
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
  /** Sessions that have new edges, the added ones included. */
  readonly edges: readonly string[];
}

/** Why a session gave its slot back without having settled. */
export type YieldReason = 'pause' | 'retry' | 'quota' | 'continue';

/** What the group's chart takes. */
export type GroupMachineEvent =
  | (Control & { readonly type: 'run'; readonly limitMicroUsd?: number })
  | (Control & { readonly type: 'pause'; readonly reason: PauseReason })
  /** With a limit: it is set if the group continues under it. */
  | (Control & { readonly type: 'resume'; readonly limitMicroUsd?: number })
  | (Control & { readonly type: 'stop' })
  | (Control & { readonly type: 'retry'; readonly sessions?: readonly string[]; readonly fresh?: boolean })
  /** `into`: a branch of the user's. Default: the one that the definition names. */
  | (Control & { readonly type: 'integrate'; readonly into?: string })
  /** `by`: who holds the session, for people. */
  | (Control & { readonly type: 'session.pause'; readonly id: string; readonly by?: string })
  | (Control & { readonly type: 'session.resume'; readonly id: string })
  /** A message of a person to the session's agent. */
  | (Control & {
      readonly type: 'session.send';
      readonly id: string;
      readonly messageId: string;
      readonly text: string;
      readonly by: string;
    })
  | (Control & {
      readonly type: 'approval.answer';
      readonly id: string;
      readonly requestId: string;
      readonly decision: 'allow' | 'deny';
      readonly by: string;
      /** The answer to a question. */
      readonly answer?: string;
    })
  | (Control & { readonly type: 'budget.change'; readonly limitMicroUsd: number })
  | (Control & { readonly type: 'definition.change'; readonly change: Redefinition })
  | { readonly type: 'budget.changed' }
  | { readonly type: 'budget.exceeded' }
  | { readonly type: 'quota.opened' }
  | { readonly type: 'quota.tooLong' }
  /** The world outside the chart changed (a project was freed, a limit was lifted): admission is judged again. */
  | { readonly type: 'admission.changed' }
  | { readonly type: 'agent.unavailable'; readonly code: ErrorCode }
  /** Its work is saved, and cannot be merged without a person. */
  | { readonly type: 'session.blocked'; readonly id: string }
  /** The answers to a delivery that was started or cut off; none of its processes is left. */
  | { readonly type: 'delivery.done' }
  | { readonly type: 'delivery.refused'; readonly reason: 'conflict' | 'delivery_refused' }
  | { readonly type: 'delivery.ended' }
  /** It has something to merge; it is told when its turn has come. */
  | { readonly type: 'merge.wanted'; readonly id: string }
  /** A record could not be written, or only into what was kept back for that. */
  | { readonly type: 'journal.failed' }
  | {
      readonly type: 'session.settled';
      readonly id: string;
      readonly outcome: 'completed' | 'failed' | 'stopped';
      readonly error?: SessionError;
    }
  | {
      readonly type: 'session.yielded';
      readonly id: string;
      readonly reason: YieldReason;
      readonly until?: number;
    }
  | { readonly type: 'session.ready'; readonly id: string }
  /** Raised by the group itself: `upstream` has settled, and with that, whether this waiting session may start. */
  | { readonly type: 'dependency.settled'; readonly id: string; readonly upstream: string }
  /** XState's own: a child has thrown. */
  | { readonly type: `xstate.error.actor.${string}`; readonly error: unknown; readonly actorId: string };

/** What the group tells a parent machine that passed itself as `parent`. */
export type GroupReport = {
  readonly type: 'group.report';
  /** The group's id, for a parent that runs several groups. */
  readonly id?: string;
  readonly status: GroupStatus;
  readonly reason?: GroupReason;
};

/** What a session's chart takes. */
export type SessionMachineEvent =
  | { readonly type: 'slot.granted' }
  | { readonly type: 'pause' }
  | { readonly type: 'resume' }
  | { readonly type: 'stop' }
  /** The host's watchdogs: idle, attempt, and the session's own budget. */
  | { readonly type: 'timeout'; readonly error: SessionError }
  | {
      readonly type: 'approval.answer';
      readonly requestId: string;
      readonly decision: 'allow' | 'deny';
      readonly by: string;
      readonly answer?: string;
    }
  /** A message waits for its agent. */
  | { readonly type: 'message.waits' }
  /** Its attempt is carried out elsewhere, and waits for a worker: nothing runs. */
  | { readonly type: 'agent.waits' }
  /** It has a worker. */
  | { readonly type: 'agent.placed' }
  /** The next five mean that the attempt's process tree has gone; nothing of that attempt follows. */
  /**
   * `denials`: requests that nobody could answer; `denied`: what they were, for people. `waiting`: messages that have come
   * too late for this attempt.
   */
  | {
      readonly type: 'agent.done';
      readonly denials: number;
      readonly denied?: string;
      readonly waiting?: number;
    }
  /** `cappedByGroup`: by a cap that stood for what the group had left. */
  | { readonly type: 'agent.failed'; readonly error: SessionError; readonly cappedByGroup?: true }
  | { readonly type: 'agent.limited'; readonly until?: number; readonly message: string }
  | { readonly type: 'agent.ended' }
  /** With its worker; `returned`: the worker was stopped, or never had it. */
  | { readonly type: 'agent.lost'; readonly returned?: true }
  /** Its start could not be journalled, so there was none. */
  | { readonly type: 'agent.unstarted' }
  | { readonly type: 'agent.approval'; readonly requestId: string; readonly tool: string }
  | { readonly type: 'agent.withdrew'; readonly requestId: string }
  /** The next six answer the step of the session's tree that was started last; none of its processes is left. */
  /** `differs`: what was merged before has changed the tree, so that it has to be checked again. */
  | { readonly type: 'step.done'; readonly differs?: boolean }
  /** A check has failed, or the agent left a conflict unresolved: its conversation is told so. */
  | { readonly type: 'step.red'; readonly error: SessionError }
  /** The checks were green, and have changed files. */
  | { readonly type: 'step.changed' }
  | { readonly type: 'step.conflict'; readonly error: SessionError }
  /** The group's branch has moved since the merge was planned. */
  | { readonly type: 'step.moved' }
  | { readonly type: 'step.failed'; readonly error: SessionError }
  /** It was cut off. */
  | { readonly type: 'step.ended' }
  /** It is this session's turn to merge. */
  | { readonly type: 'merge.granted' }
  /** The group's actor has been stopped: no timer of the session outlives it. */
  | { readonly type: 'group.gone' };
