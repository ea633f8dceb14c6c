import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { DeliveryDetail } from '../../src/serve/delivery-types.ts';
import { builtCli } from '../cli/built-cli.ts';
import { repository } from '../support/repository.ts';
import { openTerminal } from '../support/tmux.ts';
import { appears, expectGroup, expectSession, faults, PageBench, press, session } from './page-bench.ts';

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
      await appears(page, '.sessions tr:has-text("works") .detail:text-is("Half way.")');
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
      const half = '.sessions tr:has-text("works") .detail:text-is("Half way.")';
      await appears(page, half, { state: 'attached' });
      await appears(page, '.counts button[data-tone=wait]:has-text("2 suspended")');
      for (const name of ['Pause', 'Stop', 'Pause session', 'Send message', 'Allow asks'])
        await expect.poll(() => named(name).count()).toBe(0);
      // What is asked for stays in sight, in the list and in the panel, with nothing to answer it by.
      await appears(page, '.card.inbox p:has-text("nothing is answered until it goes on")');
      await appears(page, '.card.inbox li:has-text("wants to use Bash")');
      await expect.poll(() => page.locator('.inbox button').filter({ visible: true }).count()).toBe(0);
      // The way on is a command to copy.
      await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
      await appears(page, '.offer code:text-is("fg")');
      expect(await page.locator('.offer').textContent()).not.toContain('`');
      await page.locator('.offer').getByRole('button', { name: 'Copy' }).click();
      await appears(page, '.offer button:has-text("Copied")');
      expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/^kill -CONT \d+$/);
      await expect.poll(() => faults(page)).toEqual([]);
      await page.getByRole('tab', { name: 'Attempts' }).click();
      await appears(page, '.attempts td:has-text("suspended")');
      await expect.poll(() => page.locator('.gantt [data-tone="run"]').count()).toBe(0);
      expect(await page.title()).toMatch(/suspended · Suspended/);
      const list = await bench.open();
      await appears(list, '.groups .stacked[aria-label="2 sessions: 1 suspended, 1 waiting"]');
      await appears(list, '.groups .stacked .running[data-tone="wait"]');
      await list.context().close();

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

  test('says in its Delivery tab why nothing is delivered now, and what to do', async () => {
    const repo = repository(join(bench.folder, 'repo'));
    repo.write('README.md', 'the project\n');
    repo.commit('first');
    const script = (id: string, text: string, more = {}) => ({
      ...{ id, projectPath: 'repo', prompt: 'go', agent: { kind: 'command', command: ['sh', '-c', text] } },
      ...more,
    });
    const { groupId: id } = await bench.ask<{ groupId: string }>('POST', '/groups', {
      baseDir: bench.folder,
      definition: {
        ...{ version: 1, name: 'Delivers' },
        config: { workspace: { mode: 'worktree' }, integrate: { mode: 'merge', into: 'main' } },
        sessions: [
          script('lib', 'echo lib > lib.txt'),
          script('app', 'while :; do sleep 1; done', { dependsOn: ['lib'] }),
        ],
      },
    });
    const env = {
      SESSION_GROUPS_DATA_DIR: join(bench.folder, 'data'),
      SESSION_GROUPS_WORK_DIR: join(bench.folder, 'work'),
    };
    const terminal = openTerminal({ columns: 100, rows: 24, cwd: bench.folder, env });
    try {
      await terminal.isBack();
      terminal.enter(`${process.execPath} ${builtCli()} group run ${id}`);
      const page = await bench.open(id);
      await expectSession(page, 'app', 'running');
      await page.getByRole('tab', { name: 'Delivery' }).click();
      await appears(page, '#deliver-why:has-text("Possible once all its sessions have completed.")');
      terminal.type('C-z');
      await terminal.shows('Stopped');
      await appears(page, '#deliver-why p:has-text("Suspended since ")');
      await appears(page, '#deliver-why .command:has-text("kill -CONT ")');
      const told = await bench.ask<DeliveryDetail>('GET', `/groups/${id}/delivery`);
      expect(told.refusal).toMatchObject({ code: 'owner_not_answering' });
      await page.getByRole('tab', { name: 'Statechart' }).click();
      await appears(page, '.chart .legend:has-text("its process is suspended")');
      terminal.enter('fg');
      await expectGroup(page, 'running');
      await press(page, 'Stop');
      await page.getByRole('dialog').getByRole('button', { name: 'Stop group' }).click();
      await expectGroup(page, 'stopped');
    } finally {
      terminal.close();
    }
  });
});
