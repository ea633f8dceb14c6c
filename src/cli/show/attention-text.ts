import { counted } from '../../sdk/format.ts';
import type { AttentionItem } from '../../sdk/group/standing/attention.ts';
import { itemCommands, itemWords } from '../../words/attention.ts';
import { groupMark, sessionMark } from '../live/marks.ts';
import { type Look, painter } from '../terminal.ts';
import { cleanLine } from '../text.ts';
import { proseRow } from '../width.ts';
import { optionLines, planLines } from './requests.ts';

/** More of one kind are only counted. */
const MOST_OF_A_KIND = 20;

const MARKS = {
  question: sessionMark('awaiting_approval'),
  plan: sessionMark('awaiting_approval'),
  approval: sessionMark('awaiting_approval'),
  budget: groupMark('paused'),
  paused: groupMark('paused'),
  suspended: groupMark('suspended'),
  interrupted: groupMark('interrupted'),
  failed: groupMark('failed'),
  delivery: groupMark('delivering'),
} as const satisfies Record<AttentionItem['kind'], unknown>;

/** What waits, with its group, what belongs to it, and the commands that answer it. */
export function renderAttention(
  items: readonly AttentionItem[],
  look: Look & { readonly now: number },
): string {
  const paint = painter(look.color);
  const seen = new Map<AttentionItem['kind'], number>();
  const lines = items.flatMap(item => {
    const count = (seen.get(item.kind) ?? 0) + 1;
    seen.set(item.kind, count);
    if (count > MOST_OF_A_KIND) return [];
    const { sign, ascii, format } = MARKS[item.kind];
    const mark = paint(format, look.unicode ? sign : ascii);
    const head = { text: `${mark} ${item.groupId}  `, width: item.groupId.length + 4 };
    return [
      ...proseRow(head, cleanLine(itemWords(item, look.now)), look.columns),
      ...detailLines(item),
      ...itemCommands(item).map(command => `  ${paint('dim', cleanLine(command))}`),
    ];
  });
  const more = items.length - [...seen.values()].reduce((sum, one) => sum + Math.min(one, MOST_OF_A_KIND), 0);
  if (more > 0) lines.push(`${counted(more, 'more thing')}: session-groups attention --json`);
  return `${lines.join('\n')}\n`;
}

function detailLines(item: AttentionItem): string[] {
  if (item.kind === 'plan') return planLines(item.plan).map(indented);
  if (item.kind !== 'question') return [];
  return item.questions.flatMap(one => [
    ...(item.questions.length > 1 ? [indented(cleanLine(one.question))] : []),
    ...optionLines(one).map(indented),
  ]);
}

const indented = (line: string): string => `  ${line}`;
