import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { TAKE_OVER_RISK } from '../../src/sdk/take-over-words.ts';
import { startCli } from '../cli/built-cli.ts';
import { appears, expectGroup, PageBench, press, session } from './page-bench.ts';

describe('the page of a group whose owner may be alive', () => {
  const bench = new PageBench();
  beforeAll(() => bench.start());
  afterEach(() => bench.expectClean());
  afterAll(() => bench.close());

  test.each([
    [
      'is said to be on another host',
      'running',
      'Whether it still runs there cannot be seen from here.',
      (lock: string) =>
        JSON.stringify({ ...JSON.parse(lock), host: 'elsewhere', startTime: 'another boot/1' }),
    ],
    [
      'cannot be read from its lock',
      'interrupted',
      'is not a valid owner record',
      (lock: string) => lock.slice(0, 20),
    ],
  ])('takes over one whose owner %s, once the risk is confirmed', async (_, status, words, change) => {
    const id = await bench.create('Elsewhere', [session('one', [{ text: 'Half way.' }, { hang: true }])]);
    const run = startCli(['group', 'run', id, '--plain'], bench.folder, {
      SESSION_GROUPS_DATA_DIR: join(bench.folder, 'data'),
    });
    await run.says('one: started');
    run.process.kill('SIGKILL');
    await run.ended;
    const lock = join(bench.folder, 'data', 'groups', id, 'owner.json');
    await writeFile(lock, change(await readFile(lock, 'utf8')));

    const page = await bench.open(id);
    await expectGroup(page, status);
    await appears(page, `.offer:has-text("${words}")`);
    await expect.poll(() => page.locator('.offer').textContent()).not.toContain('died');
    await press(page, 'Take over');
    await appears(page, `dialog:has-text("${TAKE_OVER_RISK}")`);
    await press(page, 'Cancel');
    await expectGroup(page, status);
    await press(page, 'Take over');
    await page.locator('dialog').getByRole('button', { name: 'Take over', exact: true }).click();
    await appears(page, '.owner:has-text("running in this server")');
    await expectGroup(page, 'running');
    await expect
      .poll(() => page.getByRole('button', { name: 'Take over', exact: true }).isVisible())
      .toBe(false);
    await bench.ask('POST', `/groups/${id}/stop`, {});
    await expectGroup(page, 'stopped');
  });
});
