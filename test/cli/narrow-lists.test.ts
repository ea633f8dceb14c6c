import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { renderChecks } from '../../src/cli/commands/doctor.ts';
import { renderAttention } from '../../src/cli/show/attention-text.ts';
import { type ListedGroup, renderList } from '../../src/cli/show/list-text.ts';
import { sessionTable } from '../../src/cli/show/session-lines.ts';
import { renderTemplates } from '../../src/cli/templates/text.ts';
import { wrapWords } from '../../src/cli/width.ts';
import type { AttentionItem } from '../../src/sdk/group/standing/attention.ts';
import { sessionProgress } from './fakes.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const LOOK = { color: false, unicode: true, now: NOW } as const;
const ID = '20260301-0915-upgrade-the-http-client';

const group = (more: Partial<ListedGroup>): ListedGroup =>
  ({
    ...{ id: ID, name: 'Upgrade the HTTP client', slug: 'upgrade-the-http-client', status: 'running' },
    ...{ createdAt: '2026-03-01T09:15:00Z', counts: { total: 12, completed: 9 }, totalCostUsd: 12.5 },
    ...more,
  }) as ListedGroup;

const groups = [
  group({}),
  group({ id: `${ID}-2`, status: 'paused', attention: { paused: 'budget_exceeded' } }),
  group({
    id: '20260301-0916-short',
    name: '依存関係の更新 of all packages in the repository',
    rehearsal: true,
  }),
  group({
    status: 'interrupted',
    damage: 'its journal has a line that cannot be read, and everything after it is left out',
  }),
];
const failed = (id: string) =>
  sessionProgress(id, {
    ...{ status: 'failed', attempts: 3, costUsd: 1.25, durationMs: 61_000 },
    error: {
      code: 'verify_failed',
      message: 'npm test: 14 of 230 tests fail, the first of them in packages/http/retry.test.ts',
    },
  });
const of = { groupId: ID, name: 'Upgrade the HTTP client' };
const items: AttentionItem[] = [
  { kind: 'interrupted', ...of },
  {
    ...{ kind: 'approval', ...of, sessionId: 'migrate-the-callers', requestId: 'r1', tool: 'Bash' },
    input: 'npm install --save-exact left-pad right-pad && npm run build && npm test && npm run lint',
  } as const,
];
const template = {
  ...{ name: 'review', from: 'shipped', file: '/x/review.md', text: '', problems: [] },
  template: {
    description:
      'Reviews what another session has changed, and says what it would mend before that is merged.',
    variables: ['branch', 'instructions', 'reviewers', 'severity', 'languages'].map(name => ({
      name,
      required: true,
    })),
  },
};
const check = {
  ...{
    name: 'Claude Code',
    ok: false,
    detail: 'it was found, and answers with another version than the one expected',
  },
  ...{
    warnings: ['a session takes about 200 MB: 12 at once need more than is free'],
    hint: 'Install a later one.',
  },
};

const LISTS: Readonly<Record<string, (columns?: number) => string>> = {
  groups: columns => renderList(groups, { ...LOOK, ...(columns && { columns }) }),
  sessions: columns =>
    `${sessionTable([failed('migrate-the-callers'), failed('docs'), failed('publish-all-packages-of-the-group')], { ...LOOK, ...(columns && { columns }), group: 'failed' }).join('\n')}\n`,
  attention: columns => renderAttention(items, { ...LOOK, ...(columns && { columns }) }),
  templates: columns => renderTemplates([template as never], { ...LOOK, ...(columns && { columns }) }),
  checks: columns => renderChecks([check as never], { ...LOOK, ...(columns && { columns }) }),
};

const wordsOf = (text: string) => text.split(/\s+/).map(word => word.replace(/,$/, ''));

describe.each(Object.keys(LISTS))('the list of %s', name => {
  const list = (columns?: number) => LISTS[name]?.(columns) ?? '';

  test.each([60, 80, 200])('has no line longer than %i columns, and no word is broken', columns => {
    const lines = list(columns).split('\n');
    // A command to copy stays in one line.
    const long = lines.filter(line => stringWidth(line) > columns && !line.includes('session-groups'));
    expect(long).toEqual([]);
    const whole = new Set(wordsOf(list()));
    const more = new Set(['waits', 'for', 'you:']);
    expect(wordsOf(lines.join('\n')).filter(word => !whole.has(word) && !more.has(word))).toEqual([]);
  });

  test('is as long as it has to be where no terminal is', () => {
    expect(list()).toBe(list(10_000));
  });
});

test('the list of groups has a row each, in 80 columns with what does not fit below', () => {
  expect(LISTS.groups?.(200)).toMatch(
    /WAITS FOR YOU +NAME\n● running +\S+ +9\/12 +\$12\.50 +2h 45m ago +Upgrade the HTTP/,
  );
  const [header, first, below, , waits] = (LISTS.groups?.(80) ?? '').split('\n');
  expect(header).toMatch(/^STATUS +ID +DONE +COST +CREATED$/);
  expect(first).toMatch(new RegExp(`^● running +${ID} +9/12 +\\$12\\.50 +2h 45m ago$`));
  expect(below).toBe('    Upgrade the HTTP client');
  expect(waits).toBe('    Upgrade the HTTP client, waits for you: the budget is used up');
  expect(LISTS.groups?.(60)).toMatch(
    new RegExp(`^STATUS +ID\n● running +${ID}\n {4}Upgrade the HTTP client, 9/12, \\$12\\.50, 2h 45m ago\n`),
  );
});

test('a word that is wider than a line stays whole', () => {
  expect(wrapWords('see /a/path/that/is/long for it', 10)).toEqual(['see', '/a/path/that/is/long', 'for it']);
});
