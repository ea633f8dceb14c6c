import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { appears, expectGroup, expectSession, PageBench, press, session } from './page-bench.ts';

describe('the page asks for decisions', () => {
  const bench = new PageBench();
  beforeAll(() => bench.start());
  afterEach(() => bench.expectClean());
  afterAll(() => bench.close());

  test('an exhausted budget is raised, and the group continues', async () => {
    const steps = [
      { cost: 0.6 },
      { tool: 'Read', duration: 50 },
      { cost: 0.6 },
      { tool: 'Edit', duration: 50 },
    ];
    const id = await bench.create(
      'Costs more',
      [session('dear', [...steps, { cost: 0.3 }, { result: 'done' }])],
      {
        budget: { maxBudgetUsd: 1 },
      },
    );
    const page = await bench.open(id);
    await press(page, 'Run');
    await expectGroup(page, 'paused');
    await appears(page, '.why:has-text("limit reached: $1.20 of $1.00")');
    await appears(page, '.budget[data-tone="bad"]:has-text("limit reached")');
    await appears(page, '.offer:has-text("The budget is used up")');
    await page.locator('.menu summary').click();
    expect(await page.getByRole('button', { name: 'Resume', exact: true }).getAttribute('title')).toBe(
      'The budget is used up: raise it to continue',
    );
    await page.keyboard.press('Escape');

    await press(page, 'Raise budget');
    await page.getByLabel('New limit for the whole group, in USD').fill('1.1');
    await press(page, 'Set limit');
    await appears(page, '.problem:has-text("Enter more than the $1.20 already spent")');
    await page.getByLabel('New limit for the whole group, in USD').fill('5');
    await press(page, 'Set limit');
    await expectGroup(page, 'completed');
    const { progress } = await bench.ask<{
      progress: { totalCostUsd: number; sessions: { attempts: number }[] };
    }>('GET', `/groups/${id}`);
    expect(progress.sessions.map(({ attempts }) => attempts)).toEqual([2]);
    expect(progress.totalCostUsd).toBeGreaterThan(1.2);
    await appears(page, `.budget:has-text("$${progress.totalCostUsd.toFixed(2)} of $5.00")`);
  });

  test('permission requests are allowed and denied in the inbox and in the panel', async () => {
    const asking = (command: string) => [{ approval: 'Bash', input: { command } }, { result: 'ran it' }];
    const id = await bench.create('Asks', [
      session('first', asking('npm install jose')),
      session('second', asking('rm -rf build')),
    ]);
    await bench.run(id);
    const page = await bench.open(id);
    await appears(page, '.card.inbox h2:has-text("2 requests for permission")');
    await expect
      .poll(() => page.locator('.card.inbox pre').allTextContents())
      .toEqual(['npm install jose', 'rm -rf build']);
    await expect.poll(() => page.title()).toMatch(/^\(2\) running/);
    await press(page, 'Allow Bash for first');
    await expectSession(page, 'first', 'completed');
    await appears(page, '.card.inbox h2:has-text("1 request for permission")');

    await page.locator('.sessions a', { hasText: 'second' }).click();
    await page.locator('.panel').getByRole('button', { name: 'Deny Bash for second' }).click();
    await appears(page, '.card.inbox', { state: 'hidden' });
    await appears(page, '.panel .inbox', { state: 'hidden' });
    const { lines } = await bench.ask<{ lines: { text: string }[] }>(
      'GET',
      `/groups/${id}/sessions/second/transcript`,
    );
    expect(lines.map(({ text }) => text).join('\n')).toMatch(/denied/);
  });
});
