import type { SessionStatus } from '../../../machines/vocabulary.ts';
import { counted, formatDuration, formatTokens, formatUsd } from '../../sdk/format.ts';
import type { SessionResult } from '../../sdk/group/progress/progress.ts';
import { errorWords } from '../../words/error-words.ts';
import { fanOutWords, foldedRows } from '../../words/fan-outs.ts';
import type { ShownResult } from '../groups/status.ts';
import { groupMark, sessionMark } from '../live/marks.ts';
import { countedByStatus } from '../live/visible-sessions.ts';
import { type Look, painter } from '../terminal.ts';
import { cleanLine } from '../text.ts';
import { pauseWords } from '../wait-words.ts';
import { cutToWidth } from '../width.ts';

const MAX_TEXT_LENGTH = 300;
/** Sessions that have not run: only the first few are listed. */
const QUIET: ReadonlySet<SessionStatus> = new Set(['pending', 'skipped']);
const MAX_QUIET = 8;

interface SummaryLook extends Look {
  /** What its agents claim to have spent is no money. Default: false. */
  readonly rehearsal?: boolean;
}

/**
 * The outcome of a run: two lines for the group, then one for each session that did not complete; of those that have
 * not run, the first few.
 */
export function renderSummary(name: string, result: ShownResult, look: SummaryLook): string {
  const paint = painter(look.color);
  const mark = groupMark(result.status);
  const sign = look.unicode ? mark.sign : mark.ascii;
  const reason = result.reason === undefined ? '' : ` (${pauseWords(result.reason)})`;
  const sessions = Object.entries(result.sessions);
  const figures = [
    formatDuration(result.elapsedMs),
    look.rehearsal ? 'rehearsal' : formatUsd(result.totalCostUsd),
    `${formatTokens(result.totalTokens)} tokens`,
    `${counted(sessions.length, 'session')}: ${countedByStatus(Object.values(result.sessions).map(({ status }) => status))}`,
  ];
  const lines = [
    `${paint(mark.format, `${sign} ${mark.word}${reason}`)}  ${paint('bold', cleanLine(name))}`,
    `  ${figures.join(', ')}`,
  ];
  for (const row of foldedRows(Object.values(result.sessions))) {
    if (row.kind === 'fan-out') lines.push(`  ${cleanLine(row.name)}: ${fanOutWords(row.sessions)}`);
  }
  const quiet = new Map<SessionStatus, number>();
  for (const [id, session] of sessions) {
    if (session.status === 'completed') continue;
    const own = sessionMark(session.status);
    if (QUIET.has(session.status)) {
      const before = quiet.get(session.status) ?? 0;
      quiet.set(session.status, before + 1);
      if (before >= MAX_QUIET) continue;
    }
    const text = `${look.unicode ? own.sign : own.ascii} ${cleanLine(id)} ${own.word}`;
    lines.push(`  ${paint(own.format, text)}${explained(session, look)}`);
  }
  for (const [status, count] of quiet) {
    if (count <= MAX_QUIET) continue;
    const more = `${look.unicode ? '…' : '...'} ${count - MAX_QUIET} more ${sessionMark(status).word}`;
    lines.push(`  ${paint(sessionMark(status).format, more)}`);
  }
  return `${lines.join('\n')}\n`;
}

function explained(session: SessionResult, look: Look): string {
  const words = [
    session.reason === undefined ? undefined : pauseWords(session.reason),
    session.error === undefined ? undefined : errorWords(session.error),
    session.attempts > 1 ? `${session.attempts} attempts` : undefined,
  ].filter(part => part !== undefined);
  if (words.length === 0) return '';
  return `: ${cutToWidth(cleanLine(words.join(', ')), MAX_TEXT_LENGTH, look.unicode ? '…' : '...')}`;
}
