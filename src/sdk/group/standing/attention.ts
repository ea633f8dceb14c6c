import type { PauseReason } from '../../../../machines/vocabulary.ts';
import { given } from '../../given.ts';
import { planIn, type Question, questionsIn } from '../../session/reports/questions.ts';
import { redactor } from '../../session/reports/redaction.ts';
import { inputLine } from '../../session/reports/tool-input.ts';
import type { GroupProgress, SessionProgress } from '../progress/progress.ts';
import type { KeptStatus } from './kept-status.ts';

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
  /** The process that ran it has died. */
  | (OfGroup & { readonly kind: 'interrupted' })
  /** It has failed, and somebody has to decide: retry it, or archive it. `failed`: how many sessions did. */
  | (OfGroup & { readonly kind: 'failed'; readonly failed: number });

/** What comes first: what an agent waits for, then what stands still, then what is over. */
export const ATTENTION_KINDS = [
  ...(['question', 'plan', 'approval', 'budget', 'paused', 'interrupted', 'failed'] as const),
];

const LONGEST_PLAN = 4_000;
const MOST_SESSIONS = 100;
const redact = redactor();

/** @param progress with `failed` only, if the group has settled. */
export function attentionOf(
  group: OfGroup,
  status: KeptStatus,
  progress: Pick<GroupProgress, 'failed'> & Partial<Pick<GroupProgress, 'why' | 'sessions'>>,
): readonly AttentionItem[] {
  const { why, sessions = [], failed } = progress;
  switch (status) {
    case 'running':
      return sessions.flatMap(session => requestOf(group, session));
    case 'paused':
      if (why?.kind === 'budget')
        return [{ kind: 'budget', ...group, usageUsd: why.usageUsd, limitUsd: why.limitUsd }];
      if (why?.kind !== 'paused' || why.reason === 'held') return [];
      return [
        given({
          ...{ kind: 'paused' as const, ...group, reason: why.reason, message: why.message },
          sessions: concernedBy(why.reason, sessions),
        }),
      ];
    case 'interrupted':
      return [{ kind: 'interrupted', ...group }];
    case 'failed':
      return [{ kind: 'failed', ...group, failed }];
    default:
      return [];
  }
}

function requestOf(group: OfGroup, { id: sessionId, why }: SessionProgress): AttentionItem[] {
  if (why?.kind !== 'approval') return [];
  const { requestId, tool, input } = why;
  const request = { ...group, sessionId, requestId, tool };
  const questions = questionsIn(tool, input);
  if (questions.length > 0) return [{ kind: 'question', ...request, questions }];
  const plan = planIn(tool, input);
  if (plan !== undefined) return [{ kind: 'plan', ...request, plan: redact(plan).slice(0, LONGEST_PLAN) }];
  return [given({ kind: 'approval' as const, ...request, input: inputLine(input, { redact }) })];
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
