import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { appears, expectSession, PageBench, press, session } from './page-bench.ts';

const NASTY = '<img src=x onerror="window.pwned=1">';
const COLOURS = [
  { label: 'Red', description: `Like a rose ${NASTY}` },
  { label: 'Blue, dark', description: 'Like the sea' },
];
const asking = (...questions: readonly object[]) => [
  { approval: 'AskUserQuestion', input: { questions } },
  { result: 'heard' },
];

describe('the page answers questions and decides about plans', () => {
  const bench = new PageBench();
  beforeAll(() => bench.start());
  afterEach(() => bench.expectClean());
  afterAll(() => bench.close());

  const create = (name: string, sessions: Parameters<PageBench['create']>[1]) =>
    bench.create(name, sessions, { permissions: { deny: [] } });
  const answered = async (id: string, name: string) => {
    const { lines } = await bench.ask<{ lines: { text: string }[] }>(
      'GET',
      `/groups/${id}/sessions/${name}/transcript`,
    );
    return lines.map(({ text }) => text).filter(line => /^(answered|allowed|denied)/.test(line));
  };
  const sideways = (page: Page) =>
    page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);

  test('each question has its options with their descriptions, and a field for other words', async () => {
    const id = await create('Questions', [
      session('one', asking({ question: 'Which colour?', header: 'Colour', options: COLOURS })),
      session(
        'many',
        asking(
          { question: 'Which ones?', options: COLOURS, multiSelect: true },
          { question: 'How many?', options: [{ label: '2' }, { label: '7' }] },
          { question: 'Why?' },
        ),
      ),
    ]);
    await bench.run(id);
    const page = await bench.open(id, { viewport: { width: 390, height: 844 } });
    await appears(page, '.card.inbox h2:text-is("2 questions")');
    const one = page.locator('.inbox li', { has: page.locator('a:text-is("one")') });
    await expect.poll(() => one.locator('legend').textContent()).toBe('ColourWhich colour?');
    expect(await one.locator('pre').count()).toBe(0);
    expect(await sideways(page)).toBeLessThanOrEqual(0);
    // Without an answer nothing is sent; the question says so.
    await press(page, 'Answer one');
    await appears(page, '.inbox .problem:has-text("Choose an answer, or write one.")');
    await one.getByLabel(/^Red/).check();
    await one.getByLabel(/^Blue, dark/).check();
    await press(page, 'Answer one');
    await expectSession(page, 'one', 'completed');
    expect(await answered(id, 'one')).toEqual([expect.stringMatching(/^answered.*: Blue, dark$/)]);

    await appears(page, '.card.inbox h2:text-is("1 question")');
    const many = page.locator('.inbox li');
    await many.getByLabel(/^Red/).check();
    await many.getByLabel(/^Blue/).check();
    await many.getByLabel('In other words: How many?').fill('1');
    await many.getByLabel('Answer: Why?').fill('Because');
    await many.getByLabel('Answer: Why?').press('Enter');
    await expectSession(page, 'many', 'completed');
    expect(await answered(id, 'many')).toEqual([
      expect.stringMatching(/^answered.*: Red, Blue, dark, 1, Because$/),
    ]);
    expect(await page.evaluate(() => 'pwned' in window)).toBe(false);
  });

  test('a question that comes while the page is open is declined from the panel', async () => {
    const id = await create('Late', [session('late', asking({ question: 'Go on?', options: [] }))]);
    const page = await bench.open(id);
    await press(page, 'Run');
    await expectSession(page, 'late', 'awaiting_approval');
    await page.locator('.sessions a', { hasText: 'late' }).click();
    const panel = page.locator('.panel');
    await panel.getByLabel('Answer: Go on?').fill('Not now');
    await panel.getByRole('button', { name: 'Decline to answer late' }).click();
    await appears(page, '.card.inbox', { state: 'hidden' });
    expect(await answered(id, 'late')).toEqual([expect.stringMatching(/^denied.*: Not now$/)]);
  });

  test('a plan is shown as Markdown, approved, or rejected with words for the agent', async () => {
    const planning = (plan: string) => [{ approval: 'ExitPlanMode', input: { plan } }, { result: 'done' }];
    const id = await create('Plans', [
      session('good', planning(`# Steps\n\n- **first** ${NASTY}\n- second`)),
      session('bad', planning('Delete it.')),
    ]);
    await bench.run(id);
    const page = await bench.open(id);
    await appears(page, '.card.inbox h2:text-is("2 plans to approve")');
    await appears(page, '.inbox .markdown li strong:text-is("first")');
    await page.locator('.inbox li', { hasText: 'Steps' }).locator('textarea').fill('Not yet');
    await press(page, 'Approve the plan of good');
    await appears(page, '.inbox .problem:has-text("empty the field to approve")');
    await page.locator('.inbox li', { hasText: 'Steps' }).locator('textarea').fill('');
    await press(page, 'Approve the plan of good');
    await expectSession(page, 'good', 'completed');
    await page.getByLabel('What is to change, if you reject it').fill('Keep the tests');
    await press(page, 'Reject the plan of bad');
    await appears(page, '.card.inbox', { state: 'hidden' });
    expect(await answered(id, 'good')).toEqual([expect.stringMatching(/^allowed/)]);
    expect(await answered(id, 'bad')).toEqual([expect.stringMatching(/^denied.*: Keep the tests$/)]);
    expect(await page.evaluate(() => 'pwned' in window)).toBe(false);
  });

  test('on a phone every request is in view or named: none is in a box that scrolls', async () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    const command = 'echo a long command; '.repeat(40);
    const id = await bench.create(
      'Many',
      names.map(name => session(name, [{ approval: 'Bash', input: { command } }, { result: 'x' }])),
      { concurrency: { maxConcurrent: 6 } },
    );
    await bench.run(id);
    const page = await bench.open(id, { viewport: { width: 390, height: 844 } });
    await appears(page, '.card.inbox h2:text-is("6 requests for permission")');
    const list = page.locator('.card.inbox .answerable > ul');
    const hidden = () => list.evaluate(node => node.scrollHeight - node.clientHeight);
    await expect.poll(() => list.locator('> li').count()).toBe(4);
    expect(await hidden()).toBeLessThanOrEqual(0);
    await press(page, 'Show 2 more');
    await expect.poll(() => list.locator('> li').count()).toBe(6);
    await appears(page, '.answerable > ul > li:nth-child(5) a:focus');
    expect(await hidden()).toBeLessThanOrEqual(0);
    await press(page, 'Allow Bash for f');
    await expectSession(page, 'f', 'completed');
  });
});
