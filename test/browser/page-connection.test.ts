import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { appears, expectGroup, expectSession, PageBench, press, session } from './page-bench.ts';

describe('the page when the server goes away', () => {
  const bench = new PageBench();
  beforeAll(() => bench.start());
  afterEach(() => bench.expectClean());
  afterAll(() => bench.close());

  test('reconnects when the server is killed and restarted, and offers to resume the interrupted group', async () => {
    const id = await bench.create('Survives', [
      session('done', [{ cost: 0.1 }, { result: 'kept' }]),
      session('cut', [
        { text: 'Half way.' },
        { approval: 'Bash', input: { command: 'make' } },
        { result: 'whole' },
      ]),
    ]);
    await bench.run(id);
    const page = await bench.open(id);
    const list = await bench.open();
    await expectSession(page, 'done', 'completed');
    await appears(page, '.card.inbox li');

    // The browser logs failed requests itself.
    bench.allowed.push(
      /ERR_CONNECTION_REFUSED/,
      /ERR_INCOMPLETE_CHUNKED_ENCODING/,
      /ERR_CONNECTION_RESET/,
      /ERR_EMPTY_RESPONSE/,
    );
    await bench.kill('SIGKILL');
    await appears(page, '.connection:has-text("connection lost, reconnecting")');
    await appears(list, '.connection:has-text("connection lost, reconnecting")');
    await expect.poll(() => page.locator('.node').count()).toBe(2);
    await bench.serve();
    await appears(page, '.connection:has-text("live")');
    await appears(list, '.connection:has-text("live")');

    await expectGroup(page, 'interrupted');
    await appears(page, '.offer:has-text("has died")');
    await expectSession(page, 'cut', 'interrupted');
    await expect
      .poll(() => page.locator('.sessions tr:has-text("cut") .detail').textContent())
      .toBe('Half way.');
    await appears(list, '.groups .badge:has-text("interrupted")');
    await press(page, 'Resume');
    await expectGroup(page, 'running');
    await press(page, 'Allow Bash for cut');
    await expectGroup(page, 'completed');
    // The settled session has not run again.
    const { session: done } = await bench.ask<{ session: { attempts: number } }>(
      'GET',
      `/groups/${id}/sessions/done`,
    );
    expect(done.attempts).toBe(1);
    await page.getByRole('tab', { name: 'Timeline' }).click();
    await appears(page, '.bars li:has-text("cut") rect >> nth=1', { state: 'attached' });
    await appears(list, '.groups .badge:has-text("completed")');
  });
});
