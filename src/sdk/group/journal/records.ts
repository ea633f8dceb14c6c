import type { PendingStep } from '../../../../machines/contract.ts';
import type { SessionStatus } from '../../../../machines/vocabulary.ts';
import type { Ports } from '../../delivery/ports.ts';
import type { Baseline } from '../../project/working-tree.ts';
import type {
  BranchOrder,
  DeliveryOrder,
  MergeOrder,
  ObjectId,
  ReadyWorkspace,
  ReleaseOrder,
  ResultOrder,
  WorkspaceOrder,
} from '../../workspace/orders.ts';
import type { Conflict } from '../../workspace/port.ts';
import type { SessionLedger } from '../cost/session-ledger.ts';
import type { GroupEvent } from './events.ts';
import type { KeptFields } from './stored-result.ts';

/** Of an attempt that is carried out elsewhere: the number of the last report that the record contains. */
export interface ReportNumber {
  readonly report?: number;
}

/**
 * Internal records: what the fold needs besides the public events. They have no `seq`, and readers of the event
 * stream never see them.
 */
export type InternalRecord =
  | { readonly type: '_status'; readonly sessionId: string; readonly status: SessionStatus }
  /** The process of an attempt has started. */
  | { readonly type: '_spawned'; readonly sessionId: string; readonly pid: number }
  /** An attempt that is carried out elsewhere has a worker. */
  | ({
      readonly type: '_placed';
      readonly sessionId: string;
      readonly worker: string;
      readonly host: string;
      /** Where an order waits that resumes its conversation. */
      readonly place?: string;
    } & ReportNumber)
  /** The agent has confirmed that the conversation exists: it can now be resumed. */
  | ({ readonly type: '_conversation'; readonly sessionId: string } & ReportNumber)
  /** The session's ledger whenever it has changed, once a turn, and at the end of an attempt that spent; micro-dollars. */
  | ({ readonly type: '_ledger'; readonly sessionId: string } & SessionLedger & ReportNumber)
  /** Another engine has taken over a group whose engine died while it was live. */
  | { readonly type: '_taken_over' }
  /** The engine's process is about to be suspended (Ctrl-Z), with its agents. ISO 8601, UTC. */
  | { readonly type: '_suspended'; readonly time: string }
  /** It goes on. */
  | { readonly type: '_continued'; readonly time: string }
  /** The state of the project before the session's first attempt; null: unknown. */
  | ({ readonly type: '_baseline'; readonly sessionId: string } & Baseline)
  /** The output was invalid, and a correction is requested; `message` is for the agent. */
  | { readonly type: '_invalid_output'; readonly sessionId: string; readonly message: string }
  /** Where the session works; journalled before anything is made. */
  | { readonly type: '_workspace'; readonly sessionId: string; readonly order: WorkspaceOrder }
  /** The ports that the session has taken, by variable. */
  | { readonly type: '_ports'; readonly sessionId: string; readonly ports: Ports }
  /** The tree is ready; `conflict`: dependencies that it is without. From now on it is never reset. */
  | {
      readonly type: '_workspace_ready';
      readonly sessionId: string;
      readonly ready: ReadyWorkspace;
      readonly conflict?: Conflict;
    }
  /** The machine that has the tree, ready to be worked in: a name that it has given itself. */
  | { readonly type: '_workspace_at'; readonly sessionId: string; readonly place: string }
  /** The agent is done; the engine's own steps are left. */
  | ({ readonly type: '_done'; readonly sessionId: string; readonly step: PendingStep } & KeptFields)
  | { readonly type: '_result'; readonly sessionId: string; readonly order: ResultOrder }
  /** The result is on the session's branch. */
  | ({ readonly type: '_saved'; readonly sessionId: string; readonly from?: ObjectId } & Pick<
      KeptFields,
      'changedFiles' | 'moreChangedFiles'
    >)
  /** The user's branch has moved on: the group's branch takes that in, once it is checked. */
  | { readonly type: '_joining'; readonly repository: string; readonly order: MergeOrder }
  /** A tree in which what was joined is checked. */
  | { readonly type: '_trial'; readonly order: WorkspaceOrder }
  | { readonly type: '_delivering'; readonly repository: string; readonly order: DeliveryOrder }
  /** A delivery that stopped part-way is taken back. */
  | { readonly type: '_undoing'; readonly repository: string; readonly order: BranchOrder }
  | { readonly type: '_merging'; readonly sessionId: string; readonly order: MergeOrder }
  /** The session's conflict is in the files of its tree. */
  | { readonly type: '_conflict'; readonly sessionId: string }
  /** The tree is taken away; its branch stays. */
  | { readonly type: '_releasing'; readonly sessionId: string; readonly order: ReleaseOrder }
  /** Held, by whom, or released. */
  | { readonly type: '_held'; readonly sessionId: string; readonly held: boolean; readonly by?: string };

/** One line of a journal: an event, or a record of the engine, whose type begins with `_`. */
export type JournalRecord = GroupEvent | InternalRecord;

export function isEvent(record: JournalRecord): record is GroupEvent {
  return record.type.charCodeAt(0) !== UNDERSCORE;
}

/** What says when it was written: the time up to it counts, if the group is live. */
export type TimedRecord =
  | GroupEvent
  | Extract<InternalRecord, { readonly type: '_suspended' | '_continued' }>;

export const isTimed = (record: JournalRecord): record is TimedRecord =>
  isEvent(record) || record.type === '_suspended' || record.type === '_continued';

const UNDERSCORE = '_'.charCodeAt(0);

type RecordType = JournalRecord['type'];

/**
 * The journal format version that introduced a record type or, as `TYPE.FIELD`, a field that older programs must not
 * ignore, because their fold would be wrong without it. A type that older programs can safely ignore stays in version 1.
 */
export type FormatSince = Readonly<Record<RecordType, number>> & {
  readonly [field: `${RecordType}.${string}`]: number;
};

export const FORMAT_SINCE: FormatSince = {
  group_created: 1,
  group_started: 1,
  group_pausing: 1,
  group_paused: 1,
  group_resumed: 1,
  group_stopping: 1,
  group_stopped: 1,
  group_retried: 1,
  group_completed: 1,
  group_failed: 1,
  group_archived: 1,
  group_updated: 1,
  session_added: 1,
  session_started: 1,
  session_resumed: 1,
  session_progress: 1,
  session_message: 1,
  tool_started: 1,
  tool_finished: 1,
  session_retrying: 1,
  session_paused: 1,
  session_continuing: 1,
  message_sent: 1,
  message_delivered: 1,
  message_undelivered: 1,
  session_completed: 1,
  session_failed: 1,
  session_skipped: 1,
  session_stopped: 1,
  dependency_waiting: 1,
  dependency_resolved: 1,
  session_warning: 1,
  config_generated: 1,
  budget_warning: 1,
  budget_exceeded: 1,
  budget_changed: 1,
  cost_reconciled: 1,
  quota_limited: 1,
  approval_requested: 1,
  approval_answered: 1,
  _status: 1,
  _spawned: 1,
  _placed: 1,
  _conversation: 1,
  _ledger: 1,
  _taken_over: 1,
  _suspended: 1,
  _continued: 1,
  _baseline: 1,
  _invalid_output: 1,
  _held: 1,
  workspace_ready: 1,
  session_verifying: 1,
  session_verified: 1,
  session_integrated: 1,
  session_conflict: 1,
  group_delivering: 1,
  group_delivered: 1,
  workspace_removed: 1,
  session_opened: 1,
  _workspace: 1,
  _ports: 1,
  _workspace_ready: 1,
  _workspace_at: 1,
  _done: 1,
  _saved: 1,
  _result: 1,
  _merging: 1,
  _conflict: 1,
  _releasing: 1,
  _joining: 1,
  _trial: 1,
  _delivering: 1,
  _undoing: 1,
  delivery_refused: 1,
  delivery_undone: 1,
};
