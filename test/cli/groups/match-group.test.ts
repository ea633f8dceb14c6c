import { test as property } from '@fast-check/vitest';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { matchGroups, matchWhole } from '../../../src/cli/groups/match-group.ts';
import { META_DAMAGED } from '../../../src/sdk/group/store/group-meta.ts';
import type { GroupMeta } from '../../../src/sdk/group/store/store.ts';
import { runs } from '../../support/runs.ts';

/** Newest first: the second of each is the place in the list. */
const saved = (...groups: [slug: string, status: GroupMeta['status'], more?: Partial<GroupMeta>][]) =>
  groups.map(([slug, status, more], index): GroupMeta => {
    const second = String(59 - index).padStart(2, '0');
    const id = `20260102-0304${second}-${slug}`;
    const time = `2026-01-02T03:04:${second}.000Z`;
    return {
      ...{ id, name: slug, slug, status, createdAt: time, updatedAt: time, counts: {}, totalCostUsd: 0 },
      ...more,
    };
  });
const found = (word: string, metas: readonly GroupMeta[]) =>
  matchGroups(word, metas).metas.map(({ id }) => id.slice(13));

const ARCHIVED = { archivedAt: '2026-01-03T00:00:00.000Z' };

describe('a group is meant by', () => {
  const metas = saved(['auth-refactor', 'paused'], ['docs', 'completed'], ['docs-site', 'running']);
  test.each([
    ['auth', ['59-auth-refactor']],
    ['REFACTOR', ['59-auth-refactor']],
    ['site', ['57-docs-site']],
    ['docs', ['58-docs']], // its whole slug, though only the other one is live
    ['20260102-030457', ['57-docs-site']],
    ['2026', ['59-auth-refactor', '57-docs-site']],
    ['@latest', ['59-auth-refactor']],
    ['@live', ['59-auth-refactor', '57-docs-site']],
    ['@others', []],
    ['doc', ['57-docs-site']], // the settled one does not count
    ['nothing', []],
    ['', []],
  ])('%j', (word, ids) => {
    expect(found(word, metas)).toEqual(ids);
  });

  test('the suffix that its id got in the second of another', () => {
    const [first] = saved(['demo', 'completed']);
    const second = { ...first, id: `${first?.id}-2` } as GroupMeta;
    expect(matchGroups('demo-2', [second, first as GroupMeta]).metas).toEqual([second]);
  });
});

describe('of several groups of one name', () => {
  test('the newest live one is meant, and it is said how many there are', () => {
    const metas = saved(['demo', 'completed'], ['demo', 'paused'], ['demo', 'running'], ['demo', 'created']);
    expect(matchGroups('demo', metas)).toEqual({ metas: [metas[1]], namesakes: 2 });
  });

  test.each(['completed', 'created'] as const)('none is meant where all are %s', status => {
    expect(found('demo', saved(['demo', status], ['demo', status]))).toHaveLength(2);
  });

  test('an archived or a damaged one never makes another one ambiguous', () => {
    const over = saved(['demo', 'failed'], ['demo', 'paused', ARCHIVED], ['demo', 'completed', ARCHIVED]);
    expect(found('demo', over)).toEqual(['59-demo']);
    const damaged = saved(['demo', 'created', { reason: META_DAMAGED }], ['demo', 'created']);
    expect(found('demo', damaged)).toEqual(['58-demo']);
    expect(found('@live', damaged)).toEqual(['58-demo']);
  });
});

test('without a name, a created group is meant only where none has started', () => {
  expect(found('@live', saved(['a', 'created'], ['b', 'running'], ['c', 'completed']))).toEqual(['58-b']);
  expect(found('@live', saved(['a', 'created'], ['c', 'completed']))).toEqual(['59-a']);
  expect(found('@live', saved(['c', 'completed'], ['d', 'paused', ARCHIVED]))).toEqual([]);
});

test('what cannot be undone takes a whole name, and counts groups that are over', () => {
  const metas = saved(['demo', 'running'], ['demo', 'completed', ARCHIVED], ['other', 'completed']);
  expect(matchWhole('demo', metas)).toHaveLength(2);
  expect(matchWhole('oth', metas)).toEqual([]);
  expect(matchWhole('other', metas)).toEqual([metas[2]]);
  expect(matchWhole('@latest', metas)).toEqual([metas[0]]);
});

const STATUSES = ['created', 'running', 'paused', 'completed', 'failed', 'stopped'] as const;
const someGroups = fc.array(
  fc.tuple(
    fc.constantFrom('a', 'ab', 'abc', 'b-a', 'demo'),
    fc.constantFrom(...STATUSES),
    fc.constantFrom<Partial<GroupMeta>>({}, ARCHIVED),
  ),
  { maxLength: 8 },
);

property.prop([someGroups, fc.constantFrom('a', 'ab', 'b', 'demo', '2026', '@live', '@latest')], {
  numRuns: runs(1_000),
})('a group that is over changes nothing where a live one is as good a match (FIND-2)', (groups, word) => {
  const metas = saved(...groups);
  const live = metas.filter(
    ({ status, archivedAt }) => !archivedAt && ['running', 'paused'].includes(status),
  );
  const { metas: among } = matchGroups(word, metas);
  const { metas: alone } = matchGroups(word, live);
  if (word !== '@latest' && among.some(meta => live.includes(meta))) expect(among).toEqual(alone);
  // Its own id always means it.
  for (const meta of metas) expect(matchGroups(meta.id, metas).metas).toEqual([meta]);
});
