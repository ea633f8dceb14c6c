import { PLAN_TOOL, QUESTION_TOOL } from '../../../machines/vocabulary.ts';
import { cleanLine } from '../../sdk/clean-text.ts';
import { formatUsd } from '../../sdk/format.ts';
import type { GroupEvent } from '../../sdk/group/journal/events.ts';
import { PLAN_WORDS, pauseWords } from '../../words/wait-words.ts';

/** What a person may want to be told of. */
export const NOTICE_KINDS = [
  'approval',
  'question',
  'paused',
  'failed',
  'completed',
  'budget_warning',
] as const;
export type NoticeKind = (typeof NOTICE_KINDS)[number];

/** What is told, in words that nothing has to escape: one line each, without control characters, and bounded. */
export interface Notice {
  readonly kind: NoticeKind;
  /** The same for the same event, whoever tells it. */
  readonly id: string;
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly groupId: string;
  readonly group: string;
  readonly sessionId?: string;
  readonly title: string;
  readonly text: string;
}

const LONGEST = 300;
/** The name of a tool comes from the agent, so only one that can hardly say anything is told. */
const PLAIN_TOOL = /^[A-Za-z0-9_.-]{1,64}$/;

/**
 * What there is to be told of an event; undefined if nothing. A group that somebody has paused or stopped on purpose is not told: they
 * know. Nothing that an agent has said is in it, because it may leave this machine.
 *
 * @param group the group's name.
 * @param rehearsal what its agents claim to have spent is no money. Default: false.
 */
export function noticeOf(event: GroupEvent, group: string, rehearsal = false): Notice | undefined {
  const found = wordsOf(event, rehearsal);
  if (!found) return undefined;
  const { groupId, seq, time } = event;
  const sessionId = 'sessionId' in event ? event.sessionId : undefined;
  return {
    ...{ kind: found.kind, id: `${groupId}:${seq}`, time, groupId, group: line(group) },
    ...(sessionId === undefined ? {} : { sessionId }),
    title: `session-groups: ${line(group)}`,
    text: line(found.text),
  };
}

interface Found {
  readonly kind: NoticeKind;
  readonly text: string;
}

function wordsOf(event: GroupEvent, rehearsal: boolean): Found | undefined {
  switch (event.type) {
    case 'approval_requested':
      if (event.tool === QUESTION_TOOL)
        return { kind: 'question', text: `${event.sessionId} asks a question` };
      if (event.tool === PLAN_TOOL) return { kind: 'approval', text: `${event.sessionId} ${PLAN_WORDS}` };
      return { kind: 'approval', text: `${event.sessionId} needs approval: ${toolName(event.tool)}` };
    case 'group_paused':
      return event.reason === 'manual' || event.reason === 'shutdown'
        ? undefined
        : { kind: 'paused', text: `paused: ${pauseWords(event.reason)}` };
    case 'group_failed':
      return { kind: 'failed', text: 'failed' };
    case 'session_failed':
      return { kind: 'failed', text: `${event.sessionId} failed: ${event.error.code}` };
    case 'group_completed':
      return { kind: 'completed', text: 'completed' };
    case 'budget_warning':
    case 'budget_exceeded': {
      const whose = event.sessionId === undefined ? 'the group' : event.sessionId;
      const spent = `${formatUsd(event.usageUsd)} of ${formatUsd(event.limitUsd)}`;
      const text = `${whose} has spent ${spent}${rehearsal ? ' in a rehearsal, so no money' : ''}`;
      return { kind: 'budget_warning', text };
    }
    default:
      return undefined;
  }
}

const toolName = (tool: string): string => (PLAIN_TOOL.test(tool) ? tool : 'a tool');

function line(text: string): string {
  const clean = cleanLine(text);
  return clean.length <= LONGEST ? clean : `${clean.slice(0, LONGEST - 1)}…`;
}
