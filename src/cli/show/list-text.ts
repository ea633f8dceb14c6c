import { formatElapsed, formatUsd } from '../../sdk/format.ts';
import type { Attention } from '../../sdk/group/standing/attention.ts';
import type { ListedMeta } from '../../sdk/group/standing/kept-status.ts';
import { META_DAMAGED } from '../../sdk/group/store/group-meta.ts';
import type { GroupMeta } from '../../sdk/group/store/store.ts';
import { unreadableWords } from '../../sdk/take-over-words.ts';
import { attentionWords } from '../../words/attention.ts';
import { shownStatus } from '../../words/marks.ts';
import { suspendedAdvice } from '../../words/wait-words.ts';
import { groupMark } from '../live/marks.ts';
import { type Look, painter } from '../terminal.ts';
import { cleanLine } from '../text.ts';

/** A listed group, with what of it waits for a person. */
export interface ListedGroup extends ListedMeta {
  readonly attention?: Attention;
  /** As in `CurrentGroup`. */
  readonly suspendedAt?: string;
}

/**
 * A header, and one line per group: status, id, completed sessions, cost, age, what waits for a person if anything does,
 * and name.
 */
export function renderList(groups: readonly ListedGroup[], look: Look & { readonly now: number }): string {
  const paint = painter(look.color);
  const id = Math.max(...groups.map(group => group.id.length));
  const waiting = groups.map(({ attention = {} }) => cleanLine(attentionWords(attention)));
  const wait = Math.max(...waiting.map(words => words.length));
  const column = (words: string) => (wait === 0 ? [] : [words.padEnd(Math.max(wait, WAITING.length))]);
  const header = [
    'STATUS'.padEnd(WORD + 2),
    'ID'.padEnd(id),
    'DONE'.padStart(7),
    'COST'.padStart(COST),
    'CREATED'.padStart(12),
    ...column(WAITING),
    'NAME',
  ];
  const lines = groups.map((group, index) => {
    const damaged = group.unreadable === undefined ? DAMAGED : UNREADABLE;
    const shown = shownStatus(group.status, group.owner);
    const mark = group.damage !== undefined || isDamaged(group) ? damaged : groupMark(shown);
    const { completed = 0, total } = group.counts;
    const cells = [
      paint(mark.format, `${look.unicode ? mark.sign : mark.ascii} ${mark.word.padEnd(WORD)}`),
      group.id.padEnd(id),
      (total === undefined ? '' : `${completed}/${total}`).padStart(7),
      (group.rehearsal ? 'rehearsal' : formatUsd(group.totalCostUsd)).padStart(COST),
      `${ageOf(group, look.now)} ago`.padStart(12),
      ...column(waiting[index] ?? ''),
      cleanLine(group.name),
    ];
    const line = cells.join('  ').trimEnd();
    const { unreadable, damage, ownerUnreadable, owner, suspendedAt } = group;
    const suspended =
      owner && shown === 'suspended' ? suspendedAdvice(owner.pid, suspendedAt, look.now) : undefined;
    const below = unreadable ?? damage ?? suspended ?? (ownerUnreadable && unreadableWords(ownerUnreadable));
    return below === undefined ? line : `${line}\n    ${cleanLine(below)}`;
  });
  return `${[paint('dim', header.join('  ')), ...lines].join('\n')}\n`;
}

const WAITING = 'WAITS FOR YOU';
const COST = 'rehearsal'.length;

const DAMAGED = { ...groupMark('interrupted'), word: 'damaged' };
const UNREADABLE = { ...DAMAGED, word: 'unreadable' };

const WORD = 'interrupted'.length;

function ageOf({ createdAt }: ListedMeta, now: number): string {
  const ms = Math.max(0, now - Date.parse(createdAt));
  const days = Math.floor(ms / 86_400_000);
  return days > 1 ? `${days} days` : formatElapsed(ms);
}

/** Its meta cannot be read: its status means nothing. */
export const isDamaged = ({ reason }: Pick<GroupMeta, 'reason'>): boolean => reason === META_DAMAGED;
