import { isLiveGroup, type PauseReason, pauseReasonOf } from '../../../../machines/vocabulary.ts';
import { given } from '../../given.ts';
import { planIn, type Question, questionsIn } from '../../session/reports/questions.ts';
import { redactor } from '../../session/reports/redaction.ts';
import { inputLine } from '../../session/reports/tool-input.ts';
import type { GroupProgress, SessionProgress, WaitReason } from '../progress/progress.ts';
import { META_DAMAGED } from '../store/group-meta.ts';
import type { GroupMeta, GroupOwner } from '../store/store.ts';
import type { KeptStatus, ListedMeta } from './kept-status.ts';

/**
 * What of a group waits for a person.
 *
 * ATTENTION-1 each of it is there once, and only as long as a request or a command of a person can end it.
 * ATTENTION-2 what an agent wrote is data: bounded, and without what looks like a secret.
 */

/** Of a group that waits for a person: which one. */
interface OfGroup {
  readonly groupId: string;
  /** The group's name. */
  readonly name: string;
  /** It was created as a rehearsal: no model is called. */
  readonly rehearsal?: true;
}

/** A request of a session that a person has to answer. */
interface OfSession extends OfGroup {
  readonly sessionId: string;
  readonly requestId: string;
  readonly tool: string;
}

/** Something that waits for a person. */
export type AttentionItem =
  /** A permission. `input`: what the tool is to be called with, in one line of at most 200 characters. */
  | (OfSession & { readonly kind: 'approval'; readonly input?: string })
  /** An agent asks. */
  | (OfSession & { readonly kind: 'question'; readonly questions: readonly Question[] })
  /** An agent that plans first wants its plan approved. `plan`: at most 4,000 characters. */
  | (OfSession & { readonly kind: 'plan'; readonly plan: string })
  /** It is paused, because its budget is used up. */
  | (OfGroup & { readonly kind: 'budget'; readonly usageUsd: number; readonly limitUsd: number })
  /**
   * It is paused for another reason. `sessions`: for `error_threshold` those that have failed, for `sessions_paused` those
   * that are held, for `conflict` those that cannot be merged; at most 100. `message`: why its records cannot be written.
   */
  | (OfGroup & {
      readonly kind: 'paused';
      readonly reason: PauseReason;
      readonly sessions?: readonly string[];
      readonly message?: string;
    })
  /** The process that runs it is suspended. `since`: ISO 8601, UTC; absent where that is not known. */
  | (OfGroup & { readonly kind: 'suspended'; readonly pid: number; readonly since?: string })
  /** The process that ran it has died. */
  | (OfGroup & { readonly kind: 'interrupted' })
  /** It has failed, and somebody has to decide: retry it, or archive it. `failed`: how many sessions did. */
  | (OfGroup & { readonly kind: 'failed'; readonly failed: number })
  /** It has completed or was stopped, and what it merged waits for a branch to go into (`toDeliver` of its result). */
  | (OfGroup & { readonly kind: 'delivery' });

/** What comes first: what an agent waits for, then what stands still, then what is over. */
export const ATTENTION_KINDS = [
  ...([
    'question',
    'plan',
    'approval',
    'budget',
    'paused',
    'suspended',
    'interrupted',
    'failed',
    'delivery',
  ] as const),
];

const LONGEST_PLAN = 4_000;
const MOST_SESSIONS = 100;
const redact = redactor();

/** How much of a group waits for a person. */
export interface Attention {
  /** How many requests are open: permissions, questions and plans. Default: none. */
  readonly approvals?: number;
  /** Why it is paused. Absent if it is not. */
  readonly paused?: PauseReason;
  /** The process that runs it is suspended: it answers nothing until it is continued. */
  readonly suspended?: true;
  /** The process that ran it has died. */
  readonly interrupted?: true;
  /** It has failed, and how many of its sessions did. Absent if it has not. */
  readonly failed?: number;
  /** What it merged waits for a branch to go into. Absent of a group that has failed. */
  readonly delivery?: true;
}

/** What decides: of a group that has settled, `failed` and `toDeliver` are enough. */
type Deciding = Pick<GroupProgress, 'failed'> &
  Partial<Pick<GroupProgress, 'why' | 'sessions'>> &
  Pick<GroupMeta, 'toDeliver'>;

/** The process that runs the group, as far as that decides. */
type Owner = Pick<GroupOwner, 'pid' | 'suspended'>;

/** Undefined if nothing waits. */
export function attentionTo(status: KeptStatus, progress: Deciding, owner?: Owner): Attention | undefined {
  if (owner?.suspended && status !== 'interrupted' && isLiveGroup(status)) return { suspended: true };
  switch (status) {
    case 'running': {
      const approvals = progress.sessions?.filter(asks).length ?? 0;
      return approvals === 0 ? undefined : { approvals };
    }
    case 'paused': {
      const paused = reasonIn(progress.why);
      return paused === undefined ? undefined : { paused };
    }
    case 'interrupted':
      return { interrupted: true };
    case 'failed':
      return { failed: progress.failed };
    case 'completed':
    case 'stopped':
      return progress.toDeliver ? { delivery: true } : undefined;
    default:
      return undefined;
  }
}

/**
 * The same of what lists know of a group: all but the requests of one that runs. Archived groups wait for nobody, and of
 * one that can't be read nothing is known.
 */
export function attentionToListed(group: ListedMeta): Attention | undefined {
  const { status, reason, counts, toDeliver, archivedAt, damage, unreadable } = group;
  if (archivedAt !== undefined || damage !== undefined || unreadable !== undefined) return undefined;
  if (reason === META_DAMAGED) return undefined;
  const why = { kind: 'paused' as const, reason: pauseReasonOf(reason) };
  return attentionTo(status, given({ failed: counts.failed ?? 0, why, toDeliver }), group.owner);
}

/** Each thing that waits, in full. */
export function attentionOf(
  group: OfGroup,
  status: KeptStatus,
  progress: Deciding,
  { owner, suspendedAt: since }: { readonly owner?: Owner; readonly suspendedAt?: string | undefined } = {},
): readonly AttentionItem[] {
  const waits = attentionTo(status, progress, owner) ?? {};
  const { approvals, paused, suspended, interrupted, failed, delivery } = waits;
  const { why, sessions = [] } = progress;
  if (approvals !== undefined) return sessions.filter(asks).map(session => requestOf(group, session));
  if (why?.kind === 'budget' && paused !== undefined)
    return [{ kind: 'budget', ...group, usageUsd: why.usageUsd, limitUsd: why.limitUsd }];
  if (paused !== undefined) {
    const message = why?.kind === 'paused' ? why.message : undefined;
    const about = { kind: 'paused' as const, ...group, reason: paused };
    return [given({ ...about, message, sessions: concernedBy(paused, sessions) })];
  }
  if (suspended && owner) return [given({ kind: 'suspended' as const, ...group, pid: owner.pid, since })];
  if (interrupted) return [{ kind: 'interrupted', ...group }];
  if (delivery) return [{ kind: 'delivery', ...group }];
  return failed === undefined ? [] : [{ kind: 'failed', ...group, failed }];
}

type Asking = SessionProgress & { readonly why: Extract<WaitReason, { readonly kind: 'approval' }> };
const asks = (session: SessionProgress): session is Asking => session.why?.kind === 'approval';

/** Why a group is paused; undefined if it waits for anything else. */
function reasonIn(why: WaitReason | undefined): PauseReason | undefined {
  if (why?.kind === 'budget') return 'budget_exceeded';
  return why?.kind === 'paused' && why.reason !== 'held' ? why.reason : undefined;
}

function requestOf(group: OfGroup, { id: sessionId, why }: Asking): AttentionItem {
  const { requestId, tool, input } = why;
  const request = { ...group, sessionId, requestId, tool };
  const questions = questionsIn(tool, input);
  if (questions.length > 0) return { kind: 'question', ...request, questions };
  const plan = planIn(tool, input);
  if (plan !== undefined) return { kind: 'plan', ...request, plan: redact(plan).slice(0, LONGEST_PLAN) };
  return given({ kind: 'approval' as const, ...request, input: inputLine(input, { redact }) });
}

function concernedBy(reason: PauseReason, sessions: readonly SessionProgress[]): string[] | undefined {
  const is = CONCERNED[reason];
  if (is === undefined) return undefined;
  return sessions
    .filter(is)
    .slice(0, MOST_SESSIONS)
    .map(({ id }) => id);
}

const CONCERNED: Readonly<Partial<Record<PauseReason, (session: SessionProgress) => boolean>>> = {
  error_threshold: ({ status }) => status === 'failed',
  sessions_paused: ({ why }) => why?.kind === 'paused' && why.reason === 'held',
  conflict: ({ why }) => why?.kind === 'conflict',
};
