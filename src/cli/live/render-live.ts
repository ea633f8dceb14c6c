import { counted, formatElapsed, formatTokens, formatUsd } from '../../sdk/format.ts';
import type { GroupProgress, SessionProgress } from '../../sdk/group/progress/progress.ts';
import { type ShownAs, shownSessionStatus } from '../../words/marks.ts';
import { stillSession } from '../../words/wait-words.ts';
import { type Look, type Paint, painter } from '../terminal.ts';
import { cleanLine } from '../text.ts';
import { waitWords } from '../wait-words.ts';
import { cutToWidth } from '../width.ts';
import { approvalLines } from './approvals.ts';
import { layoutFor } from './layout.ts';
import { groupMark } from './marks.ts';
import { fanOutRow, sessionRow } from './session-row.ts';
import { askedRequest, FIRST_STATE, type ViewState } from './view-state.ts';
import { arrangedRows, countedByStatus, keyOf, type LiveRow, visibleRows } from './visible-sessions.ts';

export interface LiveLook extends Look {
  readonly columns: number;
  readonly rows: number;
  /** Epoch milliseconds, for countdowns. */
  readonly now: number;
  /** What its agents claim to have spent is no money. Default: false. */
  readonly rehearsal?: boolean;
  /** The process that runs it is suspended. Default: false. */
  readonly isSuspended?: boolean;
  /** The last message of each session. */
  readonly messages?: ReadonlyMap<string, string>;
  /** The last lines, if there is room. */
  readonly footer?: readonly string[];
  /** What keys have done; absent: there are no keys. */
  readonly state?: ViewState | undefined;
  /** The permission request of each session, in words. */
  readonly requests?: ReadonlyMap<string, string>;
}

/** Below this height, empty lines, requests and footer are left out. */
const ROOMY = 14;
/** Longer lines are hard to read; a wider terminal is not filled. */
const MOST_COLUMNS = 120;

/** What of the group has which lines. */
export interface Arrangement {
  readonly columns: number;
  readonly blank: readonly string[];
  readonly approvals: readonly string[];
  readonly footer: readonly string[];
  /** All rows that there are; some may not fit into `room`. */
  readonly rows: readonly LiveRow[];
  readonly room: number;
}

export function arrange(progress: GroupProgress, look: LiveLook): Arrangement {
  const { unicode, state } = look;
  const columns = Math.min(look.columns, MOST_COLUMNS);
  const isRoomy = look.rows >= ROOMY;
  const ellipsis = unicode ? '…' : '~';
  const blank = isRoomy ? [''] : [];
  const asked = state && askedRequest(state, progress);
  const own = {
    columns,
    rows: look.rows,
    ellipsis,
    requests: look.requests,
    hasKeys: state !== undefined,
    asked,
  };
  const approvals = isRoomy ? approvalLines(progress, own) : [];
  const footer = isRoomy ? (look.footer ?? []).map(line => cutToWidth(line, look.columns, ellipsis)) : [];
  // 2 for the header, 1 for the totals, 1 for the cursor.
  const room = Math.max(1, look.rows - 4 - 2 * blank.length - approvals.length - footer.length);
  const rows = arrangedRows(progress.sessions, room, state?.unfolded);
  return { columns, blank, approvals, footer, rows, room };
}

/** A group as it is drawn while it stands still: without what only holds while it runs. */
export function stillGroup(progress: GroupProgress): GroupProgress {
  const { why: _why, estimatedRemainingMs: _left, sessions, ...rest } = progress;
  return { ...rest, sessions: sessions.map(stillSession) };
}

/** The whole group in at most `rows - 1` lines, none wider than `columns`. */
export function renderLive(progress: GroupProgress, given: LiveLook): string {
  const { columns, blank, approvals, footer, rows, room } = arrange(progress, given);
  const look = { ...given, columns };
  const { unicode, now } = look;
  const paint = painter(look.color);
  const ellipsis = unicode ? '…' : '~';
  const { selected } = look.state ?? FIRST_STATE;
  const margin = selected === undefined ? 0 : 2;
  const group: ShownAs = look.isSuspended ? 'suspended' : progress.status;
  const shownAs = (sessions: readonly SessionProgress[]) =>
    countedByStatus(sessions.map(({ status }) => shownSessionStatus(status, group)));
  const layout = layoutFor(columns - margin, progress.sessions, look.rehearsal);
  const { shown, hidden } = visibleRows(rows, progress.sessions, room, selected);
  const lines = [
    titleLine(progress, look, paint),
    moneyLine(progress, look, paint),
    ...blank,
    ...shown.map(row => {
      const own = { layout, paint, unicode, now, group };
      const line =
        row.kind === 'fan-out'
          ? fanOutRow(row, own)
          : sessionRow(row.session, { ...own, message: look.messages?.get(row.session.id) });
      if (margin === 0) return line;
      return keyOf(row) === selected ? `${paint('bold', unicode ? '›' : '>')} ${line}` : `  ${line}`;
    }),
  ];
  if (hidden.length > 0) {
    const more = `${ellipsis} ${hidden.length} more: ${shownAs(hidden)}`;
    lines.push(paint('dim', cutToWidth(more, columns, ellipsis)));
  }
  const total = `${counted(progress.totalSessions, 'session')}: ${shownAs(progress.sessions)}`;
  const requests = approvals.map(line => paint('magenta', line));
  const last = [cutToWidth(total, columns, ellipsis), ...footer.map(line => paint('dim', line))];
  return [...lines, ...requests, ...blank, ...last].join('\n');
}

/** `● Name  running  1m 05s, about 2m 10s left`. The name is cut first. */
function titleLine(progress: GroupProgress, look: LiveLook, paint: Paint): string {
  const { unicode, columns, now } = look;
  const ellipsis = unicode ? '…' : '~';
  const mark = groupMark(look.isSuspended ? 'suspended' : progress.status);
  const why = progress.why === undefined || look.isSuspended ? '' : waitWords(progress.why, now);
  const reason = why === '' || why === mark.word ? '' : ` (${why.replace(/^paused: /, '')})`;
  const left = progress.estimatedRemainingMs;
  const remaining =
    left === undefined || progress.status !== 'running' || look.isSuspended
      ? ''
      : `, about ${formatElapsed(left)} left`;
  const status = mark.word + reason;
  const time = formatElapsed(progress.elapsedMs) + remaining;
  const room = columns - 2 - 4 - status.length - time.length;
  const name = cutToWidth(cleanLine(progress.name), Math.max(8, room), ellipsis);
  const tail = cutToWidth(`${status}  ${time}`, columns - 2 - 8 - 2, ellipsis);
  const sign = paint(mark.format, unicode ? mark.sign : mark.ascii);
  return `${sign} ${paint('bold', name)}  ${paint(mark.format, tail.slice(0, status.length))}${tail.slice(status.length)}`;
}

/** `  $4.20 of $10.00 ████░░░░░░ 42%  12.3k tokens`. */
function moneyLine(progress: GroupProgress, look: LiveLook, paint: Paint): string {
  const { unicode, columns, rehearsal } = look;
  const tokens = `${formatTokens(progress.totalTokens)} tokens`;
  if (rehearsal) return cutToWidth(`  rehearsal: no model is called  ${tokens}`, columns, '');
  const estimated = progress.sessions.some(session => session.estimated);
  const spent = formatUsd(progress.totalCostUsd, estimated);
  const { limitUsd, budgetUsedRatio } = progress;
  if (limitUsd === undefined || budgetUsedRatio === undefined) {
    return cutToWidth(`  ${spent}  ${tokens}`, columns, '');
  }
  const figures = `  ${spent} of ${formatUsd(limitUsd)}`;
  const percent = `${Math.floor(budgetUsedRatio * 100)}%`;
  const bare = `${figures}  ${percent}  ${tokens}`;
  const width = Math.min(20, columns - bare.length - 2);
  if (width < 5) return cutToWidth(bare, columns, unicode ? '…' : '~');
  const format = budgetUsedRatio >= 1 ? 'red' : budgetUsedRatio >= 0.8 ? 'yellow' : 'green';
  return `${figures}  ${paint(format, bar(budgetUsedRatio, width, unicode))} ${percent}  ${tokens}`;
}

/** Any cost shows at least one cell; only a reached limit fills the bar. */
function bar(ratio: number, width: number, unicode: boolean): string {
  const exact = Math.round(Math.min(1, ratio) * width);
  const full = ratio >= 1 ? width : Math.min(width - 1, ratio > 0 ? Math.max(1, exact) : 0);
  return (unicode ? '█' : '#').repeat(full) + (unicode ? '░' : '-').repeat(width - full);
}
