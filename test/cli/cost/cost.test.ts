// @module-tag processes
import { appendFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openWorkshop, session, type Workshop } from '../workshop.ts';

let shop: Workshop;
beforeEach(async () => {
  shop = await openWorkshop();
});
afterEach(() => shop.close());

const ran = async (sessions: string, config = '', ...argv: string[]) => {
  const run = await shop.finished('run', await shop.group(sessions, config), '--json', ...argv);
  return String(run.lines.at(-1)?.groupId);
};
const costs = async (...argv: string[]) => {
  const { code, lines, err } = await shop.finished('cost', '--json', ...argv);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return lines;
};
/** Of a program that prints what it has spent: of a scripted agent it is no money. */
const spends = (id: string, usd: number, more = '') => {
  const line = JSON.stringify({ type: 'result', is_error: false, result: 'done', total_cost_usd: usd });
  const agent = `{ kind: command, command: [echo, '${line}'], output: stream-json }`;
  return `  - { id: ${id}, projectPath: ${id}, prompt: Work, agent: ${agent}${more} }\n`;
};

describe('what was spent', () => {
  test('is added up by project, model and group', async () => {
    const first = await ran(spends('a', 0.25) + spends('b', 0.5, ', model: opus'), 'model: sonnet');
    const second = await ran(spends('a', 1));
    expect(await costs()).toMatchObject([
      { type: 'cost', by: 'project', key: join(shop.folder, 'a'), costUsd: 1.25, groups: 2, sessions: 2 },
      { key: join(shop.folder, 'b'), costUsd: 0.5, groups: 1, sessions: 1 },
      { type: 'total', costUsd: 1.75, groups: 2 },
    ]);
    expect(await costs('--by', 'model')).toMatchObject([
      { key: 'the default of command', costUsd: 1 },
      { key: 'opus', costUsd: 0.5 },
      { key: 'sonnet', costUsd: 0.25 },
      { type: 'total' },
    ]);
    expect(await costs('--by', 'group')).toMatchObject([
      { key: second, name: 'Demo', costUsd: 1, groups: 1 },
      { key: first, costUsd: 0.75, sessions: 2 },
      { type: 'total' },
    ]);
    await shop.finished('group', 'archive', second);
    expect((await costs()).at(-1)).toMatchObject({ costUsd: 1.75 });
    const { out } = await shop.finished('cost', '--by', 'group');
    expect(out.split('\n')).toEqual([
      expect.stringMatching(/^GROUP +COST +GROUPS +SESSIONS +NAME$/),
      expect.stringMatching(new RegExp(`^${second} +\\$1.00 +1 +1 +Demo$`)),
      expect.stringMatching(new RegExp(`^${first} +\\$0.75 +1 +2 +Demo$`)),
      expect.stringMatching(/^total +\$1.75$/),
      '',
    ]);
  });

  test('is nothing without groups, and in a rehearsal', async () => {
    expect(await shop.finished('cost')).toMatchObject({ code: 0, out: '', err: 'Nothing was spent.\n' });
    await ran(spends('a', 0.25), '', '--scripted');
    expect(await costs()).toEqual([{ type: 'total', costUsd: 0, groups: 0 }]);
  });

  test('is told apart from what scripted agents claim, which is no money', async () => {
    await ran(session('a', '{ cost: 0.25 }, { result: done }') + spends('b', 0.5));
    expect(await costs()).toEqual([
      expect.objectContaining({ key: join(shop.folder, 'b'), costUsd: 0.5, groups: 1, sessions: 1 }),
      { type: 'total', costUsd: 0.5, groups: 1, scriptedUsd: 0.25 },
    ]);
    const { out, err } = await shop.finished('cost', '--by', 'day');
    expect(out).toMatch(/total +\$0.50\n$/);
    expect(err).toBe('Not counted: $0.25 of scripted agents, which is no money.\n');
  });

  test('is told by day and since a time from the journal, and is the same in all', async () => {
    const id = await ran(spends('a', 0.25) + spends('b', 0.5, ', dependsOn: [a]'));
    const journal = join(shop.dataDir, 'groups', id);
    expect(await readdir(journal)).toContain('journal.ndjson');
    const today = await costs('--by', 'day');
    expect(today).toMatchObject([
      { key: expect.stringMatching(/^\d{4}-\d\d-\d\d$/), costUsd: 0.75, sessions: 2 },
      { type: 'total', costUsd: 0.75 },
    ]);
    expect(await costs('--since', '1h')).toMatchObject([
      { costUsd: 0.5 },
      { costUsd: 0.25 },
      { type: 'total' },
    ]);
    expect(await costs('--since', '2999-01-01')).toEqual([{ type: 'total', costUsd: 0, groups: 0 }]);
  });

  test('of a damaged group is left out, and the group is named', async () => {
    await ran(spends('a', 0.25));
    const id = await ran(spends('a', 1));
    const folder = join(shop.dataDir, 'groups', id);
    await appendFile(join(folder, 'journal.ndjson'), 'nothing\nnothing\n');
    const { lines, code } = await shop.finished('cost', '--json');
    expect(code).toBe(0);
    expect(lines).toMatchObject([
      { type: 'left_out', groupId: id, code: 'journal_damaged' },
      { type: 'cost', costUsd: 0.25 },
      { type: 'total', costUsd: 0.25, groups: 1 },
    ]);
    expect((await shop.finished('cost')).err).toContain(`left out: ${id}: `);
    await writeFile(join(folder, 'definition.json'), '{');
    expect((await shop.finished('cost')).err).toContain(`left out: ${id}: `);
  });
});

test('a grouping that there is not is refused', async () => {
  const { code, err } = await shop.finished('cost', '--by', 'week');
  expect(code).toBe(2);
  expect(err).toContain('Expected project, day, model or group.');
});
