import type { SessionProgress } from '../../sdk/group/progress/progress.ts';
import { type Look, painter } from '../terminal.ts';
import { cleanLine } from '../text.ts';
import { cutToWidth, fitToWidth, wrapToWidth } from '../width.ts';
import { BY_KEY } from './approvals.ts';
import { sessionMark } from './marks.ts';
import { KEYS } from './view-state.ts';

/** The other screens of the live view, each in at most `rows - 1` lines, none wider than `columns`. */

export interface ScreenLook extends Look {
  readonly columns: number;
  readonly rows: number;
}

const KEYS_WIDTH = 10;
const ASCII: Readonly<Record<string, string>> = { '↑ ↓  j k': 'j k', 'Space ← →': 'Space' };

export function renderHelp({ columns, rows, color, unicode }: ScreenLook): string {
  const paint = painter(color);
  const ellipsis = unicode ? '…' : '~';
  const lines = KEYS.map(([keys, words]) => {
    const shown = unicode ? keys : (ASCII[keys] ?? keys);
    const line = cutToWidth(words, columns - KEYS_WIDTH - 2, ellipsis);
    return `${paint('bold', fitToWidth(shown, KEYS_WIDTH, ellipsis))}  ${line}`;
  });
  return lines.slice(0, Math.max(1, rows - 1)).join('\n');
}

export interface TranscriptLook extends ScreenLook {
  /** By how many lines it is scrolled up from its end. */
  readonly scrolled: number;
  /** The permission request that keys answer, in words. */
  readonly request?: string | undefined;
}

/** The height of what a transcript's screen shows besides it: a title, a line between, and the keys. */
const AROUND = 4;

/** How many lines of a transcript a screen has. */
export const transcriptHeight = (rows: number, hasRequest = false): number =>
  Math.max(1, rows - AROUND - (hasRequest ? 1 : 0));

const BACK = 'Esc goes back; ? keys';

/** @param lines sanitized. */
export function renderTranscript(
  session: SessionProgress,
  lines: readonly string[],
  look: TranscriptLook,
): string {
  const { columns, rows, color, unicode, request } = look;
  const paint = painter(color);
  const ellipsis = unicode ? '…' : '~';
  const mark = sessionMark(session.status);
  const title = cutToWidth(`${cleanLine(session.id)}  ${mark.word}`, columns - 2, ellipsis);
  const { shown, above, below } = pageOf(lines, look, transcriptHeight(rows, request !== undefined));
  const where = below > 0 ? `${below} more below; ` : above > 0 ? `${above} more above; ` : '';
  return [
    `${paint(mark.format, unicode ? mark.sign : mark.ascii)} ${paint('bold', title)}`,
    ...shown,
    ...(rows > AROUND ? [''] : []),
    ...(request === undefined
      ? []
      : [paint('magenta', cutToWidth(request, columns - BY_KEY.length, ellipsis) + BY_KEY)]),
    paint('dim', cutToWidth(where + BACK, columns, ellipsis)),
  ].join('\n');
}

/** What of a transcript is shown, and how many lines there are above and below it. */
export function pageOf(
  lines: readonly string[],
  { columns, scrolled }: Pick<TranscriptLook, 'columns' | 'scrolled'>,
  height: number,
): { readonly shown: readonly string[]; readonly above: number; readonly below: number } {
  const wrapped = lines.flatMap(line => wrapToWidth(line, columns));
  const most = Math.max(0, wrapped.length - height);
  const below = Math.min(scrolled, most);
  const end = wrapped.length - below;
  const from = Math.max(0, end - height);
  return { shown: wrapped.slice(from, end), above: from, below };
}
