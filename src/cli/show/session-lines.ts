import { formatElapsed, formatUsd } from '../../sdk/format.ts';
import type { SessionProgress } from '../../sdk/group/progress/progress.ts';
import { errorWords } from '../../words/error-words.ts';
import { fanOutWords, foldedRows } from '../../words/fan-outs.ts';
import { type ShownAs, shownSessionStatus, shownSessions, standsStill } from '../../words/marks.ts';
import { currentToolWords } from '../../words/transcript.ts';
import { lasts } from '../../words/wait-words.ts';
import { type Mark, sessionMark } from '../live/marks.ts';
import { type Look, painter } from '../terminal.ts';
import { cleanLine } from '../text.ts';
import { waitWords } from '../wait-words.ts';
import { fitToWidth, proseRow, widest } from '../width.ts';

export interface SessionLook extends Look {
  /** Epoch milliseconds, for countdowns. */
  readonly now: number;
  readonly group: ShownAs;
  /** What its agents claim to have spent is no money. Default: false. */
  readonly rehearsal?: boolean;
}

/**
 * The names of the columns, then the sessions.
 * @param all of the group, which fan-outs are counted in. Default: these
 */
export function sessionTable(
  sessions: readonly SessionProgress[],
  look: SessionLook,
  all = sessions,
): string[] {
  const widths = widthsOf(sessions, look);
  const { columns = Number.POSITIVE_INFINITY } = look;
  const figures = [...(look.rehearsal ? [] : ['COST'.padStart(8)]), 'TRY', 'TIME'.padStart(7)];
  const names = [
    'STATUS'.padEnd(widths.word + 2),
    'SESSION'.padEnd(widths.id),
    ...(hasFigures(widths, look) ? figures : []),
  ].join('  ');
  const whole = `${names}  DETAILS`;
  const header = painter(look.color)('dim', whole.length <= columns ? whole : names.trimEnd());
  return [header, ...sessionLines(sessions, look, widths, all)];
}

interface Widths {
  readonly word: number;
  readonly id: number;
}

/** Width of cost, attempts and duration, with the gaps before them. */
const figuresWidth = ({ rehearsal }: SessionLook): number => (rehearsal ? 0 : 2 + 8) + 2 + 3 + 2 + 7;

/** Whether there is room for them beside status and id. */
const hasFigures = ({ word, id }: Widths, look: SessionLook): boolean =>
  2 + word + 2 + id + figuresWidth(look) <= (look.columns ?? Number.POSITIVE_INFINITY);

/**
 * A row per session: status, id, cost, attempts, duration and details, at full length: these go on in further lines where
 * those of the terminal end, and so do the figures where these have no room.
 */
export function sessionLines(
  sessions: readonly SessionProgress[],
  look: SessionLook,
  widths = widthsOf(sessions, look, ''),
  all = sessions,
): string[] {
  const { word, id } = widths;
  const isWide = hasFigures(widths, look);
  const paint = painter(look.color);
  const rows = sessions.map(session => ({ session, mark: markOf(session, look.group) }));
  const isShown = new Set(sessions);
  const heads = new Map(
    foldedRows(all).flatMap(row =>
      row.kind === 'fan-out' ? [[row.sessions.find(one => isShown.has(one)), row]] : [],
    ),
  );
  return rows.flatMap(({ session, mark }) => {
    const { attempts, costUsd, estimated, durationMs } = session;
    const cost = attempts > 0 ? formatUsd(costUsd, estimated) : '';
    const tries = attempts > 1 ? `${look.unicode ? '×' : 'x'}${attempts}` : '';
    const time = durationMs === undefined ? '' : formatElapsed(durationMs);
    const cells = [
      paint(mark.format, `${look.unicode ? mark.sign : mark.ascii} ${mark.word.padEnd(word)}`),
      fitToWidth(cleanLine(session.id), id, ''),
    ];
    const figures = [...(look.rehearsal ? [] : [cost.padStart(8)]), tries.padStart(3), time.padStart(7)];
    const text = [...cells, ...(isWide ? figures : []), ''].join('  ');
    const width = 2 + word + 2 + id + (isWide ? figuresWidth(look) : 0) + 2;
    const words = [wordsFor(session, look), ...(isWide ? [] : figures.map(one => one.trim()))];
    const lines = proseRow({ text, width }, words.filter(one => one !== '').join(', '), look.columns);
    const head = heads.get(session);
    if (head === undefined) return lines;
    return [
      paint('bold', `${cleanLine(head.name)}: ${fanOutWords(shownSessions(head.sessions, look.group))}`),
      ...lines,
    ];
  });
}

const widthsOf = (
  sessions: readonly SessionProgress[],
  { group }: SessionLook,
  name = 'SESSION',
): Widths => ({
  word: widest(['STATUS'.slice(2), ...sessions.map(session => markOf(session, group).word)]),
  id: widest([name, ...sessions.map(session => session.id)]),
});

export const markOf = ({ status }: SessionProgress, group: ShownAs): Mark =>
  sessionMark(shownSessionStatus(status, group));

/** Why it is waiting, how it failed, or what it is doing. */
export function wordsFor(session: SessionProgress, look: SessionLook): string {
  const { why, error, skipReason } = session;
  const still = standsStill(look.group);
  if (why !== undefined && (!still || lasts(why))) return waitWords(why, look.now);
  if (error !== undefined) return cleanLine(errorWords(error));
  if (skipReason !== undefined) return skipReason.replaceAll('_', ' ');
  return still ? '' : cleanLine(currentToolWords(session));
}
