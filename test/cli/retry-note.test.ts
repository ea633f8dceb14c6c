// @module-tag processes
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { builtCli } from './built-cli.ts';
import { openWorkshop, session, type Workshop } from './workshop.ts';

let shop: Workshop;
beforeAll(() => void builtCli(), 120_000);
beforeEach(async () => {
  shop = await openWorkshop();
});
afterEach(() => shop.close());

test('a retry of a session alone says that what it waits for is not retried, and that it is skipped again', async () => {
  const file = await shop.group(
    session('a', '{ failure: max_turns }') + session('b', '{ text: last }', ', dependsOn: [a]'),
  );
  await shop.finished('run', file);
  const [id = ''] = await readdir(join(shop.folder, 'data', 'groups'));
  const note = `b is skipped again, because of a, which this does not retry: \`session-groups group retry ${id}\` retries all\n`;
  const planned = await shop.finished('group', 'retry', id, '--session', 'b', '--dry-run');
  expect(planned).toMatchObject({ out: 'b\n', err: note });
  expect((await shop.finished('group', 'retry', id, '--session', 'b')).err).toContain(note);
  const json = await shop.finished('group', 'retry', id, '--session', 'b', '--dry-run', '--json');
  expect(json).toMatchObject({ lines: [{ sessions: ['b'] }], err: '' });
  for (const more of [[], ['--session', 'a'], ['--session', 'a', '--session', 'b']])
    expect((await shop.finished('group', 'retry', id, '--dry-run', ...more)).err).toBe('');
});
