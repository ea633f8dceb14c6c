import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { appears, expectGroup, expectSession, PageBench, press, session } from './page-bench.ts';

const LONG = [{ text: 'I begin.' }, { tool: 'Bash(npm test)', duration: '10m' }, { result: 'late' }];

describe('a group is controlled from its page', () => {
  const bench = new PageBench();
  beforeAll(() => bench.start());
  afterEach(() => bench.expectClean());
  afterAll(() => bench.close());

  test('is started by a button and followed to the end', async () => {
    const id = await bench.create('Two steps', [
      session('first', [
        { text: 'I look.' },
        { tool: 'Read', duration: 300 },
        { cost: 0.02 },
        { result: 'looked' },
      ]),
      session('second', [{ tool: 'Edit', duration: 300 }, { cost: 0.03 }, { result: 'edited' }], {
        dependsOn: ['first'],
      }),
    ]);
    const page = await bench.open(id);
    await expectGroup(page, 'created');
    // Only what applies is offered; the rest says why it does not.
    await expect
      .poll(() => page.locator('.offered button').allTextContents())
      .toEqual(['Run', 'Raise budget', 'Archive']);
    await page.locator('.menu summary').click();
    await expect
      .poll(() => page.getByRole('button', { name: 'Pause', exact: true }).getAttribute('title'))
      .toBe('It has not started yet');
    await page.keyboard.press('Escape');
    await appears(page, '.menu:not([open]) summary:focus');
    await press(page, 'Run');
    await expectSession(page, 'first', 'completed');
    await expectGroup(page, 'completed');
    await expectSession(page, 'second', 'completed');
    await appears(page, '.budget strong:text-is("$0.05")');
    await appears(page, '.count:has-text("2 completed")');
    await appears(page, '.connection:has-text("settled")');
    // The page shows what the journal says.
    const { progress } = await bench.ask<{ progress: { totalCostUsd: number } }>('GET', `/groups/${id}`);
    expect(progress.totalCostUsd).toBeCloseTo(0.05);

    await page.locator('.sessions a', { hasText: 'first' }).click();
    await appears(page, '.panel .result:has-text("looked")');
    await appears(page, '.panel .transcript:has-text("I look.")');
    await page.getByRole('tab', { name: 'Timeline' }).click();
    await expect.poll(() => page.locator('.lane rect[data-tone="ok"]').count()).toBe(2);
    await page.getByRole('tab', { name: 'Statechart' }).click();
    await appears(page, '.state[data-id="completed"][data-active]');
    await expect.poll(() => page.locator('.state[data-active]').count()).toBe(1);
    await page.goBack();
    await appears(page, '.panel', { state: 'detached' });
  });

  test("gives a session's agent messages, while it may take them", async () => {
    const id = await bench.create('Steered', [
      session('long', LONG),
      session('later', [{ result: 'x' }], { dependsOn: ['long'] }),
      { ...session('plain', []), agent: { kind: 'command', command: ['sleep', '600'] } },
    ]);
    await bench.run(id);
    const page = await bench.open(id, { viewport: { width: 390, height: 844 } });
    const panelOf = async (name: string) => {
      await page.evaluate(hash => {
        location.hash = hash;
      }, `#/groups/${id}/sessions/${name}`);
      await appears(page, `.panel[aria-label="Session ${name}"] .transcript`);
    };
    const field = page.getByLabel('Message to its agent');
    await panelOf('plain');
    await appears(page, '.panel .message', { state: 'hidden' });

    await panelOf('long');
    await field.fill('Keep the\nold header, too.');
    // Escape does not take away what has been written.
    await field.press('Escape');
    const { x = 0, width = 0 } = (await field.boundingBox()) ?? {};
    expect(x + width).toBeLessThanOrEqual(390);
    await field.press('Control+Enter');
    await appears(page, '.panel .said-by-user:has-text("old header, too.")');
    await expect.poll(() => field.inputValue()).toBe('');
    // Of a paused group, and of a session that has not begun: with the next attempt.
    await bench.ask('POST', `/groups/${id}/pause?wait=true`, {});
    await field.fill('Also this.');
    await page.getByRole('button', { name: 'Send message' }).click();
    await appears(page, '.panel .said-by-user:has-text("Also this.")');
    await panelOf('later');
    await field.fill('x'.repeat(17_000));
    bench.allowed.push(/400/);
    await press(page, 'Send message');
    await appears(page, '.notice:has-text("16384")');
    expect((await field.inputValue()).length).toBe(17_000);
    await field.fill('');
    await field.press('Escape');
    await appears(page, '.panel', { state: 'detached' });

    await bench.ask('POST', `/groups/${id}/stop?wait=true`, {});
    await panelOf('long');
    await appears(page, '.panel .message', { state: 'hidden' });
  });

  test('is paused, resumed, stopped and retried by buttons', async () => {
    const id = await bench.create('Long work', [
      session('long', LONG),
      session('after', [{ result: 'x' }], { dependsOn: ['long'] }),
    ]);
    const page = await bench.open(id);
    await press(page, 'Run');
    await appears(page, '.node[data-id="long"]:has-text("Bash(npm test)")', { state: 'attached' });
    await press(page, 'Pause');
    await expectGroup(page, 'paused');
    await expectSession(page, 'long', 'paused');
    expect(await bench.statusOf(id)).toBe('paused');

    await press(page, 'Resume');
    await expectGroup(page, 'running');
    await expectSession(page, 'long', 'running');
    await page.getByRole('tab', { name: 'Timeline' }).click();
    await appears(page, '.lane rect[data-tone="hold"]', { state: 'attached' });
    await appears(page, '.lane rect[data-tone="run"]', { state: 'attached' });

    await press(page, 'Stop');
    await press(page, 'Cancel');
    expect(await bench.statusOf(id)).toBe('running');
    await press(page, 'Stop');
    await press(page, 'Stop group');
    await expectGroup(page, 'stopped');
    await expectSession(page, 'long', 'stopped');
    await expectSession(page, 'after', 'skipped');

    await press(page, 'Retry');
    await expectGroup(page, 'running');
    await expectSession(page, 'after', 'pending');
    await bench.ask('POST', `/groups/${id}/stop?wait=true`, {});
  });

  test('on a phone, what does not apply is in sight with its reason, and a paused session can be kept so', async () => {
    const id = await bench.create('Done', [session('done', [{ result: 'done' }])]);
    await bench.ask('POST', `/groups/${id}/run?wait=true`, {});
    const page = await bench.open(id, { viewport: { width: 390, height: 844 } });
    await page.locator('.menu summary').click();
    await appears(page, '.menu-rest button[title="It has completed"]:has-text("Resume")');
    const edges = await page.locator('.menu-items').evaluate(node => {
      const { left, right } = node.getBoundingClientRect();
      return { left, right };
    });
    expect(edges.left).toBeGreaterThanOrEqual(0);
    expect(edges.right).toBeLessThanOrEqual(390);

    const paused = await bench.create('Stays', [session('stays', LONG), session('later', LONG)], {
      concurrency: { maxConcurrent: 1 },
    });
    await bench.run(paused);
    const wide = await bench.open(paused);
    await expectSession(wide, 'stays', 'running');
    await bench.ask('POST', `/groups/${paused}/pause?wait=true`, {});
    await wide.locator('.sessions a', { hasText: 'stays' }).click();
    await press(wide, 'Keep paused');
    await appears(wide, '.panel .why:has-text("held via the API")');
    await wide.locator('.sessions a', { hasText: 'later' }).click();
    await appears(wide, '.panel button:has-text("Hold session")');
    await appears(wide, '#message-when:has-text("Ctrl+Enter sends it")');
    await bench.ask('POST', `/groups/${paused}/stop?wait=true`, {});
  });

  test('one session is held while the others continue', async () => {
    const id = await bench.create('Hold one', [session('held', LONG), session('other', LONG)]);
    await bench.run(id);
    const page = await bench.open(id);
    await page.locator('.sessions a', { hasText: 'held' }).click();
    await press(page, 'Pause session');
    await expectSession(page, 'held', 'paused');
    await appears(page, '.panel .why:has-text("held via the API")');
    await expectSession(page, 'other', 'running');
    await press(page, 'Resume session');
    await expectSession(page, 'held', 'running');
    await bench.ask('POST', `/groups/${id}/stop?wait=true`, {});
  });

  test('one that is let go in a paused group says that the group has to be resumed, and offers it', async () => {
    const id = await bench.create('Let go', [session('held', LONG), session('other', LONG)]);
    await bench.run(id);
    const page = await bench.open(id);
    await page.locator('.sessions a', { hasText: 'held' }).click();
    await press(page, 'Pause session');
    await expectSession(page, 'held', 'paused');
    await bench.ask('POST', `/groups/${id}/pause?wait=true`, {});
    await expectGroup(page, 'paused');
    await press(page, 'Resume session');
    await appears(page, 'dialog:has-text("held is no longer held. Its group is paused")');
    await press(page, 'Resume group');
    await expectGroup(page, 'running');
    await expectSession(page, 'held', 'running');
    await bench.ask('POST', `/groups/${id}/stop?wait=true`, {});
  });

  test('a failed session shows its error and is retried', async () => {
    const once = 'test -e tried && echo better || { touch tried; echo The disk is full >&2; exit 1; }';
    const id = await bench.create('Fails once', [
      {
        ...session('shaky', []),
        agent: { kind: 'command', command: ['sh', '-c', once] },
        retry: { maximumAttempts: 1 },
      },
    ]);
    const page = await bench.open(id);
    await press(page, 'Run');
    await expectGroup(page, 'failed');
    await page.locator('.sessions a', { hasText: 'shaky' }).click();
    await appears(page, '.panel .error:has-text("The disk is full")');
    await press(page, 'Close');
    await press(page, 'Retry');
    await expectGroup(page, 'completed');
    await expectSession(page, 'shaky', 'completed');
  });

  test('a refused request is shown with its hint and can be dismissed', async () => {
    const id = await bench.create('Refuses', [session('one', LONG)]);
    await bench.run(id);
    const page = await bench.open(id);
    await expectGroup(page, 'running');
    // Another client was faster: the page does not know yet that the group is paused.
    await page.route('**/events', route => route.abort());
    await page.route('**/pause', async route => {
      await bench.ask('POST', `/groups/${id}/pause?wait=true`, {});
      await route.continue();
    });
    bench.allowed.push(/409 \(Conflict\)/, /ERR_FAILED/);
    await press(page, 'Pause');
    await appears(page, '.notice.failed:has-text("paused")');
    await press(page, 'Dismiss');
    await appears(page, '.notice', { state: 'detached' });
    await page.close();
    await bench.ask('POST', `/groups/${id}/stop?wait=true`, {});
  });

  test('a completed session shows its output and changed files', async () => {
    const folder = join(bench.folder, 'left');
    mkdirSync(folder);
    execFileSync('git', ['init', '-q', folder]);
    const id = await bench.create(
      'Leaves',
      [
        session('silent', [{ result: '' }]),
        {
          ...session('left', []),
          agent: {
            kind: 'command',
            command: ['sh', '-c', 'echo 1 > "<b>bold.txt"; echo 2 > b.txt; echo "{\\"left\\": [\\"x\\"]}"'],
          },
          outputSchema: { type: 'object', properties: { left: { type: 'array' } } },
        },
      ],
      {},
    );
    await bench.ask('POST', `/groups/${id}/run?wait=true`, {});
    const page = await bench.open(id);
    await page.locator('.sessions a:text-is("left")').click();
    await appears(page, '.panel .transcript li:has-text("started")');
    await expect
      .poll(() => page.locator('.panel .output').first().textContent())
      .toBe('{\n  "left": [\n    "x"\n  ]\n}');
    await page.locator('.panel').getByRole('tab', { name: 'Changes' }).click();
    await appears(page, '.panel h3:text-is("Changed: 2 files")');
    await expect
      .poll(() => page.locator('.panel .files li').allTextContents())
      .toEqual(['<b>bold.txt', 'b.txt']);
    await page.locator('.sessions a:text-is("silent")').click();
    await appears(page, '.panel .transcript li:has-text("started")');
    for (const part of ['.files', '.output', '.result'])
      await expect.poll(() => page.locator(`.panel ${part}`).isVisible(), { message: part }).toBe(false);
  });

  test('a message that is too long for the page is truncated, with a note where to find all of it', async () => {
    const id = await bench.create('Talks', [
      session('talks', [{ text: 'y'.repeat(300_000) }, { result: 'z' }]),
    ]);
    await bench.ask('POST', `/groups/${id}/run?wait=true`, {});
    const page = await bench.open(id);
    await page.locator('.sessions a:text-is("talks")').click();
    await appears(page, '.panel .said:has-text("session-groups session logs shows all of it")');
    const said = await page.locator('.panel .said-by-assistant .said').textContent();
    expect(said?.length).toBeLessThan(21_000);
  });
});
