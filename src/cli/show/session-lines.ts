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
import { fitToWidth } from '../width.ts';

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
  const { word, id } = widthsOf(sessions, look);
  const names = [
    'STATUS'.padEnd(word + 2),
    'SESSION'.padEnd(id),
    ...(look.rehearsal ? [] : ['COST'.padStart(8)]),
    'TRY',
    'TIME'.padStart(7),
    'DETAILS',
  ];
  const header = painter(look.color)('dim', names.join('  '));
  return [header, ...sessionLines(sessions, look, { word, id }, all)];
}

/** One line per session: status, id, cost, attempts, duration and details, at full length. */
export function sessionLines(
  sessions: readonly SessionProgress[],
  look: SessionLook,
  { word, id } = widthsOf(sessions, look, ''),
  all = sessions,
): string[] {
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
    const cells = [
      paint(mark.format, `${look.unicode ? mark.sign : mark.ascii} ${mark.word.padEnd(word)}`),
      fitToWidth(cleanLine(session.id), id, ''),
      ...(look.rehearsal ? [] : [(attempts > 0 ? formatUsd(costUsd, estimated) : '').padStart(8)]),
      (attempts > 1 ? `${look.unicode ? '×' : 'x'}${attempts}` : '').padStart(3),
      (durationMs === undefined ? '' : formatElapsed(durationMs)).padStart(7),
      wordsFor(session, look),
    ];
    const head = heads.get(session);
    const line = cells.join('  ').trimEnd();
    if (head === undefined) return [line];
    return [
      paint('bold', `${cleanLine(head.name)}: ${fanOutWords(shownSessions(head.sessions, look.group))}`),
      line,
    ];
  });
}

const widthsOf = (sessions: readonly SessionProgress[], { group }: SessionLook, name = 'SESSION') => ({
  word: widest(['STATUS'.slice(2), ...sessions.map(session => markOf(session, group).word)]),
  id: widest([name, ...sessions.map(session => session.id)]),
});

const widest = (texts: readonly string[]): number => Math.max(...texts.map(text => text.length));

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
