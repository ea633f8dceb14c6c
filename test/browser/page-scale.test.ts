import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { appears, expectGroup, PageBench, press, type Session, session } from './page-bench.ts';

const LANES = 10;

/** Sessions in lanes; each depends on the one before it. */
function lanes(count: number): Session[] {
  return Array.from({ length: count }, (_, index) =>
    session(
      `s-${String(index).padStart(4, '0')}`,
      [
        { text: 'I begin.' },
        { tool: 'Read', duration: 40 },
        { cost: 0.01 },
        { tool: 'Bash', duration: 40 },
        { result: 'x' },
      ],
      {
        projectPath: `lane-${index % LANES}`,
        dependsOn: index < LANES ? [] : [`s-${String(index - LANES).padStart(4, '0')}`],
      },
    ),
  );
}

interface Seen {
  readonly changes: number;
  readonly events: number;
  readonly longest: number;
}

/** Counts DOM mutations from here on, and records tasks that block the page. */
const watch = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const seen = { changes: 0, longest: 0 };
    Object.assign(window, { seen });
    const observed = { subtree: true, childList: true, characterData: true, attributes: true };
    new MutationObserver(records => {
      seen.changes += records.length;
    }).observe(document.body, observed);
    new PerformanceObserver(list => {
      for (const { duration } of list.getEntries()) seen.longest = Math.max(seen.longest, duration);
    }).observe({ entryTypes: ['longtask'] });
  });

const CONFIG = {
  concurrency: { maxConcurrent: LANES, maxPerProject: 1 },
  budget: { maxBudgetUsd: 'none' },
};

describe('a large group', () => {
  const bench = new PageBench();
  beforeAll(() => bench.start());
  afterEach(() => bench.expectClean());
  afterAll(() => bench.close());

  const runOf = async (count: number): Promise<Seen> => {
    const id = await bench.create(`Lanes of ${count}`, lanes(count), CONFIG);
    const page = await bench.open(id);
    await expectGroup(page, 'created');
    await watch(page);
    await press(page, 'Run');
    await appears(page, '.group-header .badge:has-text("completed")', { timeout: 90_000 });
    const { changes, longest } = await page.evaluate(
      () => (window as unknown as { seen: { changes: number; longest: number } }).seen,
    );
    const { nextSeq } = await bench.ask<{ nextSeq: number }>('GET', `/groups/${id}`);
    await page.context().close();
    return { changes, longest, events: nextSeq };
  };

  test('of 200 sessions causes no more DOM mutations per event than one of 20, and never blocks the page', async () => {
    const small = await runOf(20);
    const large = await runOf(200);
    expect(large.events).toBeGreaterThan(8 * small.events);
    expect(large.changes / large.events).toBeLessThan(2 * (small.changes / small.events));
    expect(large.changes / large.events).toBeLessThan(20);
    // The engine, the server, the browser and other tests share the machine: the best of some tries counts.
    let { longest } = large;
    for (let tries = 1; longest >= 1_000 && tries < 4; tries += 1) {
      longest = Math.min(longest, (await runOf(200)).longest);
    }
    expect(longest).toBeLessThan(1_000);
  });

  test('of 2,000 sessions can be scrolled, sorted and opened', async () => {
    const id = await bench.create('Lanes of 2000', lanes(2_000), CONFIG);
    const page = await bench.open(id);
    await expectGroup(page, 'created');
    // Many sessions are shown by their layers, each of which opens.
    await expect.poll(() => page.locator('.node.layer').count()).toBe(200);
    await page.locator('.node[data-id="layer 2"]').focus();
    await page.keyboard.press('Enter');
    await appears(page, '.node[data-id="s-0010"]', { state: 'attached' });
    await appears(page, '.node[data-id="layer 2"][aria-expanded="true"]:focus');
    await press(page, 'Show whole graph');
    await appears(page, '.node[data-id="s-0000"]', { state: 'attached' });
    // Only visible items are in the document.
    await expect.poll(() => page.locator('.node').count()).toBeLessThan(600);
    await expect.poll(() => page.locator('.sessions tbody tr').count()).toBeLessThan(120);
    await expect.poll(() => page.locator('.sessions').getAttribute('aria-rowcount')).toBe('2001');

    const table = page.locator('#view-sessions .scroll');
    await table.evaluate(node => node.scrollTo(0, node.scrollHeight));
    await page.locator('.sessions a', { hasText: 's-1999' }).click();
    await appears(page, '.panel h2:text-is("s-1999")');
    await appears(page, '.node[data-id="s-1999"][aria-current]', { state: 'attached' });
    await press(page, 'Close');
    await table.evaluate(node => node.scrollTo(0, 0));
    await page.getByRole('button', { name: 'Session', exact: true }).click();
    await page.getByRole('button', { name: 'Session', exact: true }).click();
    await expect.poll(() => page.locator('.sessions tbody a').first().textContent()).toBe('s-1999');

    await page.locator('.node[data-id="s-0000"]').focus();
    await page.keyboard.press('End');
    await appears(page, '.node[data-id="s-1999"]:focus');
    await expect.poll(() => page.locator('.node').count()).toBeLessThan(600);
  });
});
