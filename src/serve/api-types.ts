import type { DefinitionChanges } from '../sdk/group/definition/definition-changes.ts';
import type { SessionDelivery, UnmergedWork } from '../sdk/group/delivery/delivered.ts';
import type { Diagnostic } from '../sdk/group/document/diagnostics.ts';
import type { GroupEvent } from '../sdk/group/journal/events.ts';
import type { StoredResult } from '../sdk/group/journal/stored-result.ts';
import type {
  GroupProgress,
  GroupResult,
  SessionProgress,
  WaitReason,
} from '../sdk/group/progress/progress.ts';
import type { Attention } from '../sdk/group/standing/attention.ts';
import type { KeptStatus, ListedMeta } from '../sdk/group/standing/kept-status.ts';
import type { SkipCause } from '../sdk/group/standing/skip-cause.ts';
import type { GroupOwner } from '../sdk/group/store/store.ts';
import type { EdgeCondition } from '../sdk/group/types.ts';
import type { Question } from '../sdk/session/reports/questions.ts';
import type { AttemptSpan } from '../words/attempts.ts';
import type { TranscriptWords } from '../words/transcript.ts';
import type { GraphPicture } from './picture-types.ts';

/**
 * The responses of the HTTP API (design-docs/http-api.md). Types only: the page imports them without the engine, so
 * nothing here may import a Node module.
 */

export type { GroupEvent, GroupProgress, GroupResult, KeptStatus, ListedMeta, SessionProgress, WaitReason };

/** The body of every response with status 400 or above. */
export interface ApiError {
  readonly error: {
    readonly code: string;
    readonly message: string;
    /** How to fix it. */
    readonly hint?: string;
    /** Every problem in the definition, for `invalid_definition`. */
    readonly diagnostics?: readonly Diagnostic[];
    /** What would be lost, for `unmerged_work`. */
    readonly work?: readonly UnmergedWork[];
  };
}

/** `GET /groups`: newest first. */
export interface GroupList {
  readonly groups: readonly ListedGroupView[];
}

/** A listed group, with what of it waits for a person. */
export interface ListedGroupView extends ListedMeta {
  /** Absent if nothing waits. */
  readonly attention?: Attention;
}

/** `POST /groups` (201). */
export interface CreatedGroup {
  readonly groupId: string;
}

/** The request was accepted (202); the response does not wait for its outcome. */
export interface AcceptedRequest {
  readonly accepted: true;
}

/** With `?wait=true` (200): the result once the group is paused or settled. */
export interface RequestOutcome {
  readonly result: GroupOutcome;
}

/** The result of a group, running or not. */
export type GroupOutcome = Omit<GroupResult, 'status'> & { readonly status: KeptStatus };

/** `POST /groups/:id/retry` with `dryRun` (200): what would run again. */
export interface RetryPlan {
  readonly sessions: readonly string[];
}

/** `POST /groups/:id/update` (200): what changed, or with `dryRun` would change. */
export interface UpdatedGroup {
  readonly changes: DefinitionChanges;
}

/** The progress of a group and each of its sessions; `status` may be `interrupted`. */
export type GroupStandingView = Omit<GroupProgress, 'status'> & { readonly status: KeptStatus };

/** `GET /groups/:id`. */
export interface GroupDetail {
  readonly id: string;
  readonly name: string;
  readonly slug: string;
  readonly description?: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  readonly status: KeptStatus;
  /** Why it is paused, failed or stopped. */
  readonly reason?: string;
  /** Absent if it is not running. */
  readonly owner?: OwnerView;
  /** Why it is not known who runs it, if anybody does: its lock can't be read. */
  readonly ownerUnreadable?: string;
  readonly progress: GroupStandingView;
  readonly budget: BudgetView;
  /** Why the group as a whole is waiting. */
  readonly why?: WaitReason;
  readonly limits: { readonly maxConcurrent: number; readonly maxPerProject: number };
  readonly graph: GraphPicture;
  readonly attempts: readonly AttemptSpan[];
  /** Pending permission requests, oldest first. */
  readonly approvals: readonly ApprovalView[];
  /** The first line of each completed session's result, by session; at most 160 characters each. */
  readonly results: Readonly<Record<string, string>>;
  /** What the agent of each session that has not settled said last, by session: one line of at most 300 characters. */
  readonly said: Readonly<Record<string, string>>;
  /** Scripted agents stand in for the real ones: what they claim to have spent is not money. Absent otherwise. */
  readonly rehearsal?: true;
  /** Number of the next event: with `?fromSeq=` the stream continues from this response without a gap. */
  readonly nextSeq: number;
}

/** The process that runs a group. */
export interface OwnerView extends Pick<GroupOwner, 'pid' | 'host' | 'alive' | 'unchecked' | 'suspended'> {
  /** Whether this server's process runs it. */
  readonly here: boolean;
  /** Since when it is suspended, as far as that is known: ISO 8601, UTC. */
  readonly suspendedAt?: string;
}

/** The budget of a group in USD. */
export interface BudgetView {
  readonly limitUsd: number | 'none';
  /** The fraction of the limit at which a warning is emitted, 0 to 1. */
  readonly warningThreshold: number;
  readonly onBudgetExceeded: 'pause' | 'stop' | 'warn';
}

/** A permission request of a session. */
export interface ApprovalView {
  readonly sessionId: string;
  readonly requestId: string;
  readonly tool: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** What the agent asks, with the options; absent if it asks for a permission. */
  readonly questions?: readonly Question[];
}

/**
 * `event: progress` of the stream, at most ten per second. The first of a connection contains every session (`full`),
 * later ones only those that changed: the traffic depends on what happens, not on the size of the group.
 */
export interface ProgressUpdate extends Omit<GroupStandingView, 'sessions'> {
  readonly full: boolean;
  readonly sessions: readonly SessionProgress[];
  readonly owner?: OwnerView;
  /** As in `GET /groups/:id`. */
  readonly ownerUnreadable?: string;
  /** Counts approvals and attempts that began or ended: when it changes, read `GET /groups/:id` again. */
  readonly revision: number;
}

/** `event: end`: the group is settled and no more events follow. */
export interface StreamEnd {
  readonly status: KeptStatus;
}

/** `GET /groups/:id/sessions/:sid`. */
export interface SessionDetail {
  readonly session: SessionProgress & SessionDefinitionView & SessionLeftView;
  readonly why?: WaitReason;
  /** What is behind its skip, as in `session why`; absent unless it was skipped. At most 20 `roots`, and how many more there are. */
  readonly skip?: SkipCause & { readonly moreRoots?: number };
  readonly approval?: ApprovalView;
  /** Its work, if it has a tree of its own. */
  readonly delivery?: SessionDelivery;
  /** Whether commands check what it did. */
  readonly checked?: boolean;
  /** How to go on with its conversation by hand; absent while it is live, and where that is not possible. */
  readonly open?: { readonly command: string; readonly conversationId: string };
  /** Its agent takes messages of people, as far as is known here. Absent otherwise. */
  readonly messages?: true;
}

/** The parts of a session's definition that the page shows. */
export interface SessionDefinitionView {
  readonly description?: string;
  /** Absent: the agent's own default. */
  readonly model?: string;
  /** `claude`, `command`, `scripted`, or a kind that the host registered. */
  readonly agent: string;
  readonly trigger: 'all' | 'any';
  readonly dependsOn: readonly { readonly session: string; readonly when: EdgeCondition }[];
  readonly priority: number;
  readonly maxBudgetUsd?: number;
  readonly allowFailure: boolean;
}

/** `GET /groups/:id/cost`: what a group had spent, over time, oldest first; at most 200 points. */
export interface CostHistory {
  readonly points: readonly {
    /** ISO 8601, UTC. */
    readonly time: string;
    readonly costUsd: number;
  }[];
}

/** What a session produced; everything is absent until the session is completed. */
export type SessionLeftView = Partial<StoredResult>;

/** `GET /groups/:id/sessions/:sid/transcript`: what it said and did, oldest first. */
export interface Transcript {
  readonly lines: readonly TranscriptLine[];
  /** Whether older lines were omitted. */
  readonly truncated: boolean;
  /** With `outputs`: what tools have returned since; the latest 50, oldest first, of each the first 2,000 characters. */
  readonly outputs?: {
    readonly latest: readonly (ToolOutputPage & { readonly toolUseId: string })[];
    /** `outputs` of the next request. */
    readonly next: string;
  };
}

/** One line of a readable transcript, without control characters; may have several lines. */
export interface TranscriptLine extends TranscriptWords {
  /** Of the event that it tells; older lines are those `before` it. */
  readonly seq: number;
  /** ISO 8601, UTC. */
  readonly time: string;
}

/** `GET /groups/:id/sessions/:sid/output`: a part of what a tool has returned, without control characters. */
export interface ToolOutputPage {
  readonly text: string;
  /** Of its first character. */
  readonly offset: number;
  /** The length of the whole output. */
  readonly total: number;
}
