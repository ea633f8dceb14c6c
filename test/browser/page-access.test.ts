import type { BrowserContextOptions } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { appears, expectGroup, expectSession, faults, PageBench, session } from './page-bench.ts';

const NASTY = '<img src=x onerror="window.pwned=1"><script>window.pwned=2</script>';
const TURNED = 'npm test \u202e\nrm -rf .';

describe('the page is accessible and safe', () => {
  const bench = new PageBench();
  let id: string;
  beforeAll(async () => {
    await bench.start();
    id = await bench.create(
      'All kinds',
      [
        session('good', [{ text: 'I did it.' }, { cost: 0.4 }, { result: 'done' }]),
        session('bad', [{ failure: 'max_turns', message: 'Too many turns.' }], { allowFailure: true }),
        session('asks', [{ approval: 'Bash', input: { command: 'npm install' } }, { result: 'x' }]),
        session('works', [{ text: 'I work.' }, { tool: 'Bash(npm test)', duration: '10m' }]),
        session('waits', [{ result: 'x' }], { dependsOn: ['works'] }),
        session('skipped', [{ result: 'x' }], { dependsOn: [{ session: 'good', when: 'failed' }] }),
      ],
      { budget: { maxBudgetUsd: 0.45 }, concurrency: { maxConcurrent: 5, errorThreshold: 5 } },
    );
    await bench.run(id);
    await bench.create('Not started', [session('new', [{ result: 'x' }])]);
  });
  afterEach(() => bench.expectClean());
  afterAll(() => bench.close());

  const looks: readonly [string, BrowserContextOptions][] = [
    ['light', { colorScheme: 'light' }],
    ['dark', { colorScheme: 'dark' }],
    ['narrow', { colorScheme: 'light', viewport: { width: 390, height: 844 } }],
    ['narrow and dark', { colorScheme: 'dark', viewport: { width: 360, height: 740 }, hasTouch: true }],
  ];
  test.each(looks)('has no serious accessibility violation: %s', async (_, options) => {
    const page = await bench.open(id, options);
    await expectSession(page, 'asks', 'awaiting_approval');
    await expectSession(page, 'works', 'running');
    await expectSession(page, 'bad', 'failed');
    await expectSession(page, 'skipped', 'skipped');
    await expect.poll(() => faults(page)).toEqual([]);
    const shows = { Timeline: '.lane rect', Cost: '.cost-chart svg', Statechart: '.state[data-active]' };
    for (const [tab, shown] of Object.entries(shows)) {
      await page.getByRole('tab', { name: tab }).click();
      await page.waitForSelector(shown, { state: 'attached' });
      await expect.poll(() => faults(page)).toEqual([]);
    }
    await page.locator('.menu summary').click();
    await expect.poll(() => faults(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Raise budget' }).click();
    await expect.poll(() => faults(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('tab', { name: 'Sessions' }).click();
    await page.locator('.sessions a', { hasText: 'asks' }).click();
    await appears(page, '.panel .transcript li');
    await expect.poll(() => faults(page)).toEqual([]);
    await page.locator('.panel').getByRole('tab', { name: 'Configuration' }).click();
    await appears(page, '.panel dd:text-is("scripted")');
    await expect.poll(() => faults(page)).toEqual([]);
    const sideways = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    await expect.poll(() => sideways()).toBeLessThanOrEqual(0);
    await page.keyboard.press('Escape');
    await appears(page, '.panel', { state: 'detached' });
    await expect.poll(() => sideways()).toBeLessThanOrEqual(0);
    await page.locator('a.home').click();
    await appears(page, '.groups li');
    await expect.poll(() => faults(page)).toEqual([]);
    await expect.poll(() => sideways()).toBeLessThanOrEqual(0);
  });

  test('works with the keyboard alone: from the list through the graph to a session and back, and to the buttons', async () => {
    const page = await bench.open();
    await appears(page, '.groups li >> nth=1');
    const focused = () =>
      page.evaluate(
        () =>
          document.activeElement?.textContent?.trim() || document.activeElement?.getAttribute('aria-label'),
      );
    const tabTo = async (holds: () => Promise<boolean>) => {
      for (let presses = 0; presses < 40; presses++) {
        if (await holds()) return;
        await page.keyboard.press('Tab');
      }
      throw new Error(`not reached by the tab key; the focus is on ${await focused()}`);
    };
    await tabTo(async () => (await focused()) === 'All kinds');
    await page.keyboard.press('Enter');
    await expectGroup(page, 'running');
    await appears(page, '.group-header h1:focus');
    await expectSession(page, 'works', 'running');
    // Escape empties the search and leaves it: the next key isn't typed there.
    await page.keyboard.press('/');
    await page.keyboard.type('wor');
    await page.keyboard.press('Escape');
    await page.keyboard.type('x');
    await expect.poll(() => page.locator('#filter-sessions').inputValue()).toBe('');
    await page.locator('.group-header h1').focus();
    const inGraph = () => page.evaluate(() => document.activeElement?.getAttribute('data-id') ?? '');
    await tabTo(async () => (await inGraph()) !== '');
    // Arrow keys reach every box.
    const reached = new Set<string>([await inGraph()]);
    await page.keyboard.press('Home');
    for (const key of [
      'ArrowRight',
      'ArrowLeft',
      ...Array(6).fill('ArrowUp'),
      ...Array(6).fill('ArrowDown'),
    ]) {
      await page.keyboard.press(key);
      reached.add(await inGraph());
    }
    expect(reached.size).toBeGreaterThan(4);
    const box = page.locator('.node:focus rect');
    await expect.poll(() => box.evaluate(node => getComputedStyle(node).strokeWidth)).toBe('3.5px');
    const at = await inGraph();
    await page.keyboard.press('Enter');
    await appears(page, `.panel h2:text-is("${at}"):focus`);
    // The graph is fitted to the room that the panel leaves.
    const cut = () =>
      page.locator('.graph .picture').evaluate(view => {
        const { left, right } = view.getBoundingClientRect();
        const boxes = [...view.querySelectorAll('.node')].map(node => node.getBoundingClientRect());
        return [boxes.length, boxes.filter(box => box.left < left - 1 || box.right > right + 1).length];
      });
    const sessions = await page.locator('.sessions tbody a').count();
    await expect.poll(cut).toEqual([sessions, 0]);
    await page.keyboard.press('Escape');
    await appears(page, `.node[data-id="${at}"]:focus`);

    await page.keyboard.press('Shift+Tab');
    await tabTo(async () => (await page.locator('[role=tab]:focus').count()) === 1);
    await page.keyboard.press('ArrowRight');
    await appears(page, '#view-timeline:not([hidden])');

    await page.keyboard.press('Control+Home');
    await page.locator('a.home').focus();
    await tabTo(async () => (await focused()) === 'Allow');
    await page.keyboard.press('Enter');
    await expectSession(page, 'asks', 'completed');
    await expect.poll(() => page.locator('[aria-live]').textContent()).toContain('asks completed');
  });

  test('agent output is shown as text, never as elements', async () => {
    const nasty = await bench.create(
      `Nasty ${NASTY}`,
      [
        session(
          'says',
          [
            { text: NASTY },
            { tool: `Read ${NASTY}`, duration: 10 },
            { approval: `Bash ${NASTY}`, input: { command: NASTY, [NASTY]: NASTY, last: TURNED } },
            { result: NASTY },
          ],
          { description: NASTY },
        ),
        session('fails', [{ failure: 'max_turns', message: NASTY }], { allowFailure: true }),
      ],
      {},
      { description: NASTY },
    );
    await bench.run(nasty);
    const page = await bench.open(nasty);
    await expectSession(page, 'says', 'awaiting_approval');
    await expectSession(page, 'fails', 'failed');
    await page.locator('.sessions a', { hasText: 'says' }).click();
    await appears(page, '.panel .transcript:has-text("onerror")');
    await appears(page, '.panel .description:has-text("onerror")');
    await appears(page, '.card.inbox pre:has-text("onerror")');
    await appears(page, '.card.inbox b:has-text("onerror")');
    await expect
      .poll(() => page.locator('.panel .asked pre').last().textContent())
      .toBe('npm test \\u{202e}\nrm -rf .');
    await page
      .locator('.card.inbox')
      .getByRole('button', { name: /^Allow/ })
      .click();
    await expectGroup(page, 'completed');
    await appears(page, '.panel .result:has-text("onerror")');
    await page.locator('.sessions a', { hasText: 'fails' }).click();
    await appears(page, '.panel .error:has-text("onerror")');
    await page.getByRole('tab', { name: 'Timeline' }).click();
    const found = () =>
      page.evaluate(() => [document.querySelectorAll('img, script:not([src])').length, 'pwned' in window]);
    expect(await found()).toEqual([0, false]);
    await page.locator('a.home').click();
    await appears(page, '.groups a:has-text("onerror")');
    expect(await found()).toEqual([0, false]);
  });
});
