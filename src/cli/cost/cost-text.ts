import { formatUsd } from '../../sdk/format.ts';
import { type Look, painter } from '../terminal.ts';
import { cleanLine } from '../text.ts';
import type { Grouping } from './groupings.ts';

/** What was spent under one key, over all groups. */
export interface CostRow {
  readonly key: string;
  /** Of a group. */
  readonly name?: string;
  readonly costUsd: number;
  readonly estimated: boolean;
  readonly groups: number;
  readonly sessions: number;
}

/** A header, a line for each row, and the total. */
export function renderCosts(rows: readonly CostRow[], by: Grouping, look: Look): string {
  const shown = rows.map(row => ({ ...row, key: cleanLine(row.key) }));
  const width = Math.max('total'.length, by.length, ...shown.map(({ key }) => key.length));
  const line = (key: string, cost: string, groups: string, sessions: string, name = '') =>
    [key.padEnd(width), cost.padStart(10), groups.padStart(6), sessions.padStart(8), cleanLine(name)]
      .join('  ')
      .trimEnd();
  const sum = rows.reduce((total, { costUsd }) => total + costUsd, 0);
  const paint = painter(look.color);
  return [
    paint('dim', line(by.toUpperCase(), 'COST', 'GROUPS', 'SESSIONS', by === 'group' ? 'NAME' : '')),
    ...shown.map(({ key, costUsd, estimated, groups, sessions, name }) =>
      line(key, formatUsd(costUsd, estimated), String(groups), String(sessions), name),
    ),
    paint(
      'bold',
      line(
        'total',
        formatUsd(
          sum,
          rows.some(({ estimated }) => estimated),
        ),
        '',
        '',
      ),
    ),
  ]
    .map(text => `${text}\n`)
    .join('');
}
