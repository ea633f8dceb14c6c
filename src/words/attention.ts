import { counted, formatUsd, shellWord } from '../sdk/format.ts';
import type { Attention, AttentionItem } from '../sdk/group/standing/attention.ts';
import { answerTo, type Question } from '../sdk/session/reports/questions.ts';
import {
  approveCommand,
  archiveCommand,
  denyCommand,
  integrateCommand,
  letGoCommand,
  raiseCommand,
  resumeCommand,
  retryCommand,
  showCommand,
} from './commands.ts';
import { toolWords } from './transcript.ts';
import {
  continueCommand,
  listOf,
  PLAN_WORDS,
  pausedWords,
  pauseWords,
  suspendedWords,
} from './wait-words.ts';

/** What of a group waits, in a few words: `2 approvals`, `the budget is used up`; empty if nothing does. */
export function attentionWords(attention: Attention): string {
  const { approvals, paused, suspended, interrupted, failed, delivery } = attention;
  if (approvals !== undefined) return counted(approvals, 'approval');
  if (paused !== undefined) return paused === 'manual' ? 'paused on request' : pauseWords(paused);
  if (suspended) return 'its process is suspended';
  if (interrupted) return 'its process has died';
  if (delivery) return 'to be delivered';
  return failed === undefined ? '' : `${counted(failed, 'session')} failed`;
}

/** Sort order of groups: those that agents wait in come first, those where nothing waits last. */
export function attentionRank(attention: Attention | undefined): number {
  const rank = ATTENTION_ORDER.findIndex(key => attention?.[key] !== undefined);
  return rank === -1 ? ATTENTION_ORDER.length : rank;
}

const ATTENTION_ORDER = [
  'approvals',
  'paused',
  'suspended',
  'interrupted',
  'failed',
  'delivery',
] as const satisfies (keyof Attention)[];

/** What waits, without the group: `a wants to use Bash npm test`. Raw: not sanitized for a terminal. */
export function itemWords(item: AttentionItem, now: number): string {
  switch (item.kind) {
    case 'approval':
      return `${item.sessionId} wants to use ${toolWords(item.tool, item.input)}`;
    case 'question':
      return `${item.sessionId} asks: ${item.questions.map(({ question }) => question).join(' ')}`;
    case 'plan':
      return `${item.sessionId} ${PLAN_WORDS}`;
    case 'budget':
      return `${pauseWords('budget_exceeded')}: ${item.rehearsal ? 'rehearsal' : `${formatUsd(item.usageUsd)} of ${formatUsd(item.limitUsd)}`}`;
    case 'paused': {
      const of = item.sessions?.length ? `: ${listOf(item.sessions)}` : '';
      const isLetGo = item.reason === 'sessions_paused' && item.sessions?.length === 0;
      const why = isLetGo ? pausedWords({ reason: item.reason, letGo: true }) : pauseWords(item.reason);
      return `paused: ${why}${of}${item.message === undefined ? '' : `: ${item.message}`}`;
    }
    case 'suspended':
      return suspendedWords(item.since, now);
    case 'interrupted':
      return 'interrupted: the process that ran it has died';
    case 'failed':
      return `failed: ${counted(item.failed, 'session')}`;
    case 'delivery':
      return 'what it merged waits to be delivered';
  }
}

/** The commands that answer it, the likeliest first. Of a question with options, one for each. */
export function itemCommands(item: AttentionItem): readonly string[] {
  const { groupId: id } = item;
  switch (item.kind) {
    case 'approval':
    case 'plan':
      return [approveCommand(id, item), denyCommand(id, item)];
    case 'question': {
      const { questions } = item;
      const [question, ...more] = questions;
      const given =
        question === undefined || more.length > 0 || question.options.length === 0
          ? [approveCommand(id, item, questions.length)]
          : question.options.flatMap((_, index) => {
              const answer = answerFor(question, index);
              return answer === undefined ? [] : [approveCommand(id, item, [shellWord(answer)])];
            });
      return [...given, denyCommand(id, item)];
    }
    case 'budget':
      return [raiseCommand(id, item.usageUsd, item.limitUsd)];
    case 'paused':
      return pausedCommands(id, item);
    case 'suspended':
      return [continueCommand(item.pid)];
    case 'interrupted':
      return [resumeCommand(id)];
    case 'failed': // which retry can help depends on how they failed: the first says that
      return [showCommand(id), retryCommand(id), archiveCommand(id)];
    case 'delivery':
      return [`${integrateCommand(id)} --into BRANCH`, archiveCommand(id)];
  }
}

/**
 * What chooses this option and no other: its number; or its words, where the number is the label of another one. undefined:
 * neither does, once what a terminal must not get is taken out.
 */
function answerFor(question: Question, index: number): string | undefined {
  const { label = '' } = question.options[index] ?? {};
  const isIt = (answer: string) => IN_A_TERMINAL.test(answer) && answerTo(question, answer) === label;
  return [String(index + 1), label].find(isIt);
}

/** What a terminal shows as it is: no controls, direction marks, or spaces that would be collapsed. */
const IN_A_TERMINAL = /^[^\p{C}\s]+(?: [^\p{C}\s]+)*$/u;

function pausedCommands(
  id: string,
  { reason, sessions = [] }: Extract<AttentionItem, { kind: 'paused' }>,
): readonly string[] {
  const resume = resumeCommand(id);
  switch (reason) {
    case 'error_threshold':
      return [retryCommand(id), resume];
    case 'sessions_paused':
      return [...sessions.slice(0, 3).map(session => letGoCommand(id, session)), resume];
    case 'agent_unavailable':
      return ['session-groups doctor', resume];
    case 'conflict':
    case 'delivery_refused':
      return [showCommand(id), resume];
    default:
      return [resume];
  }
}
