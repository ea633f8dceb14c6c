import type { DefinitionChanges } from '../sdk/group/definition/definition-changes.ts';
import type { Diagnostic } from '../sdk/group/document/diagnostics.ts';
import type { GroupEvent } from '../sdk/group/journal/events.ts';
import type {
  GroupProgress,
  GroupResult,
  SessionProgress,
  WaitReason,
} from '../sdk/group/progress/progress.ts';
import type { KeptStatus } from '../sdk/group/standing/kept-status.ts';
import type { GroupMeta, GroupOwner } from '../sdk/group/store/store.ts';
import type { EdgeCondition } from '../sdk/group/types.ts';
import type { AttemptSpan } from '../words/attempts.ts';

/**
 * Everything that the HTTP API answers with (design-docs/http-api.md). Types only: the page imports them, and nothing
 * of the engine with them. Nothing here may lead to a module of Node.
 */

export type { GroupEvent, GroupProgress, GroupResult, KeptStatus, SessionProgress, WaitReason };

/** Every answer of 400 and above. */
export interface ApiError {
  readonly error: {
    readonly code: string;
    readonly message: string;
    /** What can be done about it. */
    readonly hint?: string;
    /** Every problem of a definition, for `invalid_definition`. */
    readonly diagnostics?: readonly Diagnostic[];
  };
}

/** A group in a list, with its status as it is by now. */
export type ListedMeta = Omit<GroupMeta, 'status'> & {
  readonly status: KeptStatus;
  /** Who runs it; absent when nobody does. */
  readonly owner?: GroupOwner;
};

/** `GET /groups`: newest first. */
export interface GroupList {
  readonly groups: readonly ListedMeta[];
}

/** `POST /groups` (201). */
export interface CreatedGroup {
  readonly groupId: string;
}

/** A request was accepted, and nobody waits for what comes of it (202). */
export interface AcceptedRequest {
  readonly accepted: true;
}

/** With `?wait=true` (200): how the group stands once it rests. */
export interface RequestOutcome {
  readonly result: GroupOutcome;
}

/** How a group stands, also when nobody runs it any more. */
export type GroupOutcome = Omit<GroupResult, 'status'> & { readonly status: KeptStatus };

/** `POST /groups/:id/retry` with `dryRun` (200): what would run again. */
export interface RetryPlan {
  readonly sessions: readonly string[];
}

/** `POST /groups/:id/update` (200): what is other than before, or with `dryRun` would be. */
export interface UpdatedGroup {
  readonly changes: DefinitionChanges;
}

/** How a group and each of its sessions stand; `status` may be `interrupted`. */
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
  /** Absent when nobody runs it. */
  readonly owner?: OwnerView;
  readonly progress: GroupStandingView;
  readonly budget: BudgetView;
  /** Why the group as a whole does not go on. */
  readonly why?: WaitReason;
  readonly limits: { readonly maxConcurrent: number; readonly maxPerProject: number };
  readonly graph: GraphPicture;
  readonly attempts: readonly AttemptSpan[];
  /** Permission requests that wait for an answer, oldest first. */
  readonly approvals: readonly ApprovalView[];
  /** Number of the next event: with `?fromSeq=` the stream goes on from this picture without a gap. */
  readonly nextSeq: number;
}

/** The process that runs a group. */
export interface OwnerView {
  readonly pid: number;
  readonly host: string;
  readonly alive: boolean;
  /** The process that answers runs it. */
  readonly here: boolean;
}

/** The limit of a group, USD. */
export interface BudgetView {
  readonly limitUsd: number | 'none';
  /** The part of the limit at which a warning comes, 0 to 1. */
  readonly warningThreshold: number;
  readonly onBudgetExceeded: 'pause' | 'stop' | 'warn';
}

/** The dependencies as a picture; `x` and `y` are centres, in pixels, from the top left; time runs from left to right. */
export interface GraphPicture {
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly GraphBox[];
  readonly edges: readonly GraphArrow[];
}

export interface GraphBox {
  readonly id: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** On the longest chain: nothing makes the group faster than that. */
  readonly critical: boolean;
}

export interface GraphArrow {
  /** The session that is waited for. */
  readonly from: string;
  readonly to: string;
  readonly when: EdgeCondition;
  readonly critical: boolean;
  /** At least two, from border to border. */
  readonly points: readonly Point[];
}

/** A permission that a session asks for. */
export interface ApprovalView {
  readonly sessionId: string;
  readonly requestId: string;
  readonly tool: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/**
 * `event: progress` of the stream, at most ten a second. The first of a connection holds every session (`full`), the
 * later ones only those that changed since: what a viewer gets grows with what happens, not with the group.
 */
export interface ProgressUpdate extends Omit<GroupStandingView, 'sessions'> {
  readonly full: boolean;
  readonly sessions: readonly SessionProgress[];
  readonly owner?: OwnerView;
  /** How often an approval or attempt began or ended so far: when it changes, read `GET /groups/:id` again. */
  readonly revision: number;
}

/** `event: end`: the group is settled and nothing more comes. */
export interface StreamEnd {
  readonly status: KeptStatus;
}

/** `GET /groups/:id/sessions/:sid`. */
export interface SessionDetail {
  readonly session: SessionProgress & SessionDefinitionView & SessionLeftView;
  readonly why?: WaitReason;
  readonly approval?: ApprovalView;
}

/** What the definition says of a session, as far as the page shows it. */
export interface SessionDefinitionView {
  readonly description?: string;
  /** Absent: the agent's own default. */
  readonly model?: string;
  /** `claude`, `command`, `scripted`, or a kind of the host's. */
  readonly agent: string;
  readonly trigger: 'all' | 'any';
  readonly dependsOn: readonly { readonly session: string; readonly when: EdgeCondition }[];
  readonly priority: number;
  readonly maxBudgetUsd?: number;
  readonly allowFailure: boolean;
}

/** What a session left; all of it is absent until the session is completed. */
export interface SessionLeftView {
  /** What the agent said last; its beginning, with a note, where it is long. */
  readonly result?: string;
  /** The whole of a long result: a file, absolute. */
  readonly resultFile?: string;
  /** The structured output, JSON data; absent where there is none, or where it is in a file. */
  readonly output?: unknown;
  /** An output that is too long for the journal: a file, absolute. */
  readonly outputFile?: string;
  /** What git says has changed, relative to the project; absent where that is not known. At most 1,000. */
  readonly changedFiles?: readonly string[];
  /** So many more have changed, whose names were not kept. */
  readonly moreChangedFiles?: number;
}

/** `GET /groups/:id/sessions/:sid/transcript`: what it said and did, oldest first. */
export interface Transcript {
  readonly lines: readonly TranscriptLine[];
  /** Older lines were left out. */
  readonly truncated: boolean;
}

/** One line of a readable transcript. */
export interface TranscriptLine {
  /** `assistant` and `user` are messages; `tool` a call that ended; `notice` everything else. */
  readonly kind: 'assistant' | 'user' | 'tool' | 'notice';
  /** Without control characters; may have several lines. */
  readonly text: string;
  /** ISO 8601, UTC. */
  readonly time: string;
}

/** `GET /chart`: the statechart of every group, static; laid out like GraphPicture, from top to bottom. */
export interface ChartPicture {
  /** As a Mermaid state diagram. */
  readonly mermaid: string;
  readonly width: number;
  readonly height: number;
  readonly states: readonly ChartStateView[];
  readonly transitions: readonly ChartTransitionView[];
}

/** The `id` is the group's status (`interrupted` is none of the chart's). */
export interface ChartStateView {
  /** Names from the root down, joined by dots. */
  readonly id: string;
  readonly parent?: string;
  readonly label: string;
  /** Entered first. */
  readonly initial?: boolean;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** One arrow for all the events that may lead from here to there. */
export interface ChartTransitionView {
  readonly from: string;
  readonly to: string;
  /** Joined by commas; `always` where the chart goes on by itself. */
  readonly event: string;
  readonly points: readonly Point[];
}

export interface Point {
  readonly x: number;
  readonly y: number;
}
