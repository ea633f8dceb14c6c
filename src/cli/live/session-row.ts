import { formatElapsed, formatTokens, formatUsd } from '../../sdk/format.ts';
import type { GroupEvent } from '../../sdk/group/journal/events.ts';
import type { SessionProgress } from '../../sdk/group/progress/progress.ts';
import { errorWords } from '../../words/error-words.ts';
import { fanOutStatus, fanOutWords, type Row } from '../../words/fan-outs.ts';
import { type ShownAs, shownSessionStatus, shownSessions } from '../../words/marks.ts';
import { currentToolWords, hear } from '../../words/transcript.ts';
import type { Paint } from '../terminal.ts';
import { cleanLine } from '../text.ts';
import { waitWords } from '../wait-words.ts';
import { fitToWidth } from '../width.ts';
import type { Layout } from './layout.ts';
import { sessionMark } from './marks.ts';

export interface RowLook {
  readonly layout: Layout;
  readonly paint: Paint;
  readonly unicode: boolean;
  readonly now: number;
  /** As which status its group is shown. */
  readonly group: ShownAs;
  /** The last message of the session. */
  readonly message?: string | undefined;
}

/** The messages of all rows by what has happened before. */
export async function saidBefore(history: AsyncIterable<GroupEvent>): Promise<ReadonlyMap<string, string>> {
  const messages = new Map<string, string>();
  for await (const event of history) hear(event, messages);
  return messages;
}

/** A session's line, at most as wide as the layout. */
export function sessionRow(session: SessionProgress, look: RowLook): string {
  const { layout, paint, unicode } = look;
  const mark = sessionMark(shownSessionStatus(session.status, look.group));
  const ellipsis = unicode ? '…' : '~';
  const cell = (text: string, width: number, align: 'left' | 'right' = 'left') =>
    fitToWidth(text, width, ellipsis, align);
  const started = session.attempts > 0;
  const cells = [
    paint(mark.format, unicode ? mark.sign : mark.ascii),
    layout.word > 0 ? paint(mark.format, cell(mark.word, layout.word)) : undefined,
    paint('bold', cell(cleanLine(session.id), layout.id)),
    layout.detail > 0 ? paintDetail(cell(detailOf(session, look), layout.detail), session, paint) : undefined,
    layout.attempts > 0
      ? cell(
          session.attempts > 1 ? `${unicode ? '×' : 'x'}${session.attempts}` : '',
          layout.attempts,
          'right',
        )
      : undefined,
    layout.cost > 0
      ? cell(started ? formatUsd(session.costUsd, session.estimated) : '', layout.cost, 'right')
      : undefined,
    layout.tokens > 0 ? cell(started ? formatTokens(session.tokens) : '', layout.tokens, 'right') : undefined,
    layout.elapsed > 0
      ? cell(
          session.durationMs === undefined ? '' : formatElapsed(session.durationMs),
          layout.elapsed,
          'right',
        )
      : undefined,
  ];
  return cells
    .filter(text => text !== undefined)
    .join('  ')
    .trimEnd();
}

/** A fan-out's line, with the sums of its sessions. */
export function fanOutRow({ name, sessions }: FanOut, look: RowLook): string {
  const { layout, paint, unicode } = look;
  const members = shownSessions(sessions, look.group);
  const mark = sessionMark(fanOutStatus(members));
  const ellipsis = unicode ? '…' : '~';
  const started = sessions.some(({ attempts }) => attempts > 0);
  const usd = sessions.reduce((sum, { costUsd }) => sum + costUsd, 0);
  const isEstimated = sessions.some(({ estimated }) => estimated);
  const cost =
    started && layout.cost > 0
      ? `  ${fitToWidth(formatUsd(usd, isEstimated), layout.cost, ellipsis, 'right')}`
      : '';
  const attempts = layout.attempts > 0 ? ' '.repeat(layout.attempts + 2) : '';
  const cells = [
    paint(mark.format, unicode ? mark.sign : mark.ascii),
    layout.word > 0 ? fitToWidth('', layout.word, ellipsis) : undefined,
    paint('bold', fitToWidth(cleanLine(name), layout.id, ellipsis)),
    layout.detail > 0 ? fitToWidth(fanOutWords(members), layout.detail, ellipsis) : undefined,
  ];
  return `${cells.filter(text => text !== undefined).join('  ')}${attempts}${cost}`.trimEnd();
}

type FanOut = Row<SessionProgress> & { readonly kind: 'fan-out' };

/** Why it is waiting, how it failed, what it is doing, or its last message. */
function detailOf(session: SessionProgress, look: RowLook): string {
  if (session.why !== undefined) return waitWords(session.why, look.now);
  if (session.error !== undefined) return cleanLine(errorWords(session.error));
  if (session.skipReason !== undefined) return session.skipReason.replaceAll('_', ' ');
  if (session.currentTool !== undefined) return cleanLine(currentToolWords(session));
  return look.message === undefined ? '' : cleanLine(look.message);
}

function paintDetail(text: string, session: SessionProgress, paint: Paint): string {
  if (session.why?.kind === 'approval') return paint('magenta', text);
  if (session.error !== undefined) return paint('red', text);
  return session.currentTool !== undefined && session.why === undefined ? text : paint('dim', text);
}
