import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { builtCli } from '../cli/built-cli.ts';
import { openTerminal } from '../support/tmux.ts';
import { appears, expectGroup, expectSession, PageBench, session } from './page-bench.ts';

describe('the page of a group that is suspended in its terminal', () => {
  const bench = new PageBench();
  beforeAll(() => bench.start());
  afterEach(() => bench.expectClean());
  afterAll(() => bench.close());

  test('offers nothing that would be refused, calls nothing running, and leaves the time out', async () => {
    const id = await bench.create('Suspended', [
      session('works', [{ text: 'Half way.' }, { hang: true }]),
      session('asks', [{ approval: 'Bash' }, { hang: true }]),
    ]);
    const env = { SESSION_GROUPS_DATA_DIR: join(bench.folder, 'data') };
    const terminal = openTerminal({ columns: 100, rows: 24, cwd: bench.folder, env });
    try {
      await terminal.isBack();
      terminal.enter(`${process.execPath} ${builtCli()} group run ${id}`);
      await terminal.shows('1 running, 1 approval');
      const page = await bench.open(id);
      const named = (name: string) =>
        page.getByRole('button', { name, exact: true }).filter({ visible: true });
      await expectGroup(page, 'running');
      await appears(page, '.inbox:has-text("asks")');
      await page.locator('.node[data-id="works"]').click();
      await appears(page, '.panel');
      await expect.poll(() => named('Pause session').count()).toBe(1);
      await expect.poll(() => named('Pause').count()).toBe(1);
      await page.getByRole('tab', { name: 'Timeline' }).click();
      await expect.poll(() => page.locator('.gantt rect').count()).toBe(2);

      terminal.type('C-z');
      await terminal.shows('Stopped');
      await expectGroup(page, 'suspended');
      for (const one of ['works', 'asks']) await expectSession(page, one, 'suspended');
      await appears(page, '.offer:has-text("Suspended since ")');
      await appears(page, '.counts button[data-tone=wait]:has-text("2 suspended")');
      for (const name of ['Pause', 'Stop', 'Pause session', 'Send message', 'Allow asks'])
        await expect.poll(() => named(name).count()).toBe(0);
      await expect.poll(() => page.locator('.inbox').filter({ visible: true }).count()).toBe(0);
      await page.getByRole('tab', { name: 'Attempts' }).click();
      await appears(page, '.attempts td:has-text("suspended")');
      await expect.poll(() => page.locator('.gantt [data-tone="run"]').count()).toBe(0);
      expect(await page.title()).toMatch(/suspended · Suspended/);

      terminal.enter('fg');
      await expectGroup(page, 'running');
      await appears(page, '.inbox:has-text("asks")');
      await expect.poll(() => named('Pause session').count()).toBe(1);
      await appears(page, '.attempts td:has-text("running")');
      // What was before, and what is after.
      await expect.poll(() => page.locator('.gantt rect').count()).toBe(4);
      await bench.ask('POST', `/groups/${id}/stop`, {});
      await expectGroup(page, 'stopped');
    } finally {
      terminal.close();
    }
  });
});
