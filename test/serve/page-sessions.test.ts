import { describe, expect, it } from 'vitest';
import type { SessionProgress } from '../../src/serve/api-types.ts';
import { costLine } from '../../src/serve/page/group/cost-line.ts';
import { groupHash, readRoute } from '../../src/serve/page/model/route.ts';
import {
  countOf,
  filterQuery,
  matches,
  NO_FILTER,
  readFilter,
} from '../../src/serve/page/model/session-filter.ts';
import { type RowsWanted, rowsOf } from '../../src/serve/page/model/session-rows.ts';
import type { ShownSession } from '../../src/serve/page/model/shown-session.ts';

const row = (id: string, more: Partial<SessionProgress> = {}): ShownSession => ({
  id,
  projectPath: `/work/${id}`,
  status: 'pending',
  costUsd: 0,
  estimated: false,
  tokens: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
  attempts: 0,
  messageCount: 0,
  ...more,
});
const member = (of: string, value: string, status: SessionProgress['status']) =>
  row(`${of}.${value}`, { status, forEach: { of, value } });

describe('the rows of the table', () => {
  const sessions = [
    row('plan', { status: 'completed' }),
    member('audit', 'a', 'completed'),
    row('late', { status: 'failed' }),
    member('audit', 'b', 'failed'),
    member('audit', 'c', 'awaiting_approval'),
    member('lone', 'x', 'pending'),
  ];
  const shown = (wanted: Partial<RowsWanted> = {}): string[] =>
    rowsOf(sessions, {
      order: { descending: false },
      filter: NO_FILTER,
      unfolded: new Set(),
      result: () => undefined,
      ...wanted,
    }).map(one => (one.kind === 'fan-out' ? `${one.name}: ${one.ids.length}` : one.id));

  it('are what waits for a person, what has failed, then the rest; a fan-out is one row', () => {
    expect(shown()).toEqual(['audit: 3', 'late', 'plan', 'lone.x']);
  });

  it('has the sessions of an unfolded fan-out below it', () => {
    expect(shown({ unfolded: new Set(['audit']) })).toEqual([
      ...['audit: 3', 'audit.c', 'audit.b', 'audit.a'],
      ...['late', 'plan', 'lone.x'],
    ]);
  });

  it('are single sessions in the order of a column, and when they are filtered', () => {
    expect(shown({ order: { key: 'id', descending: false } })).toHaveLength(6);
    expect(shown({ filter: { text: '', counts: ['failed'] } })).toEqual(['late', 'audit.b']);
    expect(shown({ filter: { text: 'AUDIT', counts: ['completed', 'waiting'] } })).toEqual([
      'audit.c',
      'audit.a',
    ]);
    expect(shown({ filter: { text: 'unused', counts: [] }, result: id => `${id}: unused` })).toHaveLength(6);
  });
});

describe('the filter of sessions', () => {
  it('is kept in the address of the group and of a session', () => {
    const filter = { text: 'a & b', counts: ['failed', 'pending'] } as const;
    for (const session of [undefined, 's?1']) {
      const route = readRoute(groupHash('g', session, filterQuery(filter)));
      expect(route).toMatchObject({ page: 'group', group: 'g', ...(session ? { session } : {}) });
      expect(readFilter(route.filter)).toEqual(filter);
    }
    expect(readFilter({ status: 'nonsense,failed' })).toEqual({ text: '', counts: ['failed'] });
    expect(groupHash('g', undefined, filterQuery(NO_FILTER))).toBe('#/groups/g');
  });

  it('looks into ids, projects, errors and values of a fan-out', () => {
    const found = (text: string) =>
      matches(
        row('one', {
          error: { code: 'max_turns', message: 'Too many' },
          forEach: { of: 'o', value: 'packages/web' },
        }),
        { text, counts: [] },
      );
    expect(['ONE', '/work', 'max_t', 'too many', 'ages/web', 'nothing'].map(found)).toEqual([
      ...[true, true, true, true, true],
      false,
    ]);
  });

  it('counts as the totals do', () => {
    const counts = (['awaiting_approval', 'retrying', 'verifying', 'interrupted', 'skipped'] as const).map(
      countOf,
    );
    expect(counts).toEqual(['waiting', 'waiting', 'running', 'running', 'skipped']);
  });
});

describe('cost over time', () => {
  const size = { width: 100, height: 100 };

  it('is a line in steps from nothing to the sum', () => {
    const points = [
      { at: 0, usd: 1 },
      { at: 5_000, usd: 1.5 },
      { at: 10_000, usd: 2 },
    ];
    expect(costLine(points, undefined, size)).toEqual({
      line: 'M0 100H0.0V52.4H50.0V28.6H100.0V4.8H100',
      area: 'M0 100H0.0V52.4H50.0V28.6H100.0V4.8H100V100Z',
      limit: undefined,
      from: 0,
      to: 10_000,
    });
    // A limit far away would flatten the line.
    expect(costLine(points, 100, size)?.limit).toBeUndefined();
    expect(costLine(points, 4, size)?.limit).toBe('M0 4.8H100');
  });

  it('is nothing while nothing was spent', () => {
    expect(costLine([], 1, size)).toBeUndefined();
    expect(costLine([{ at: 0, usd: 0 }], 1, size)).toBeUndefined();
  });
});
