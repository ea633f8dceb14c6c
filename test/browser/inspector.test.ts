import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createInspector } from '../../src/inspect/inspector.ts';
import { createSessionGroup } from '../../src/sdk/group/api/create.ts';

/** A stand-in for the inspector's public page: announces itself to its parent, and listens. */
const INSPECTOR_PAGE = `<!doctype html><title>inspector</title><link rel="icon" href="data:,"><script>
window.received = [];
addEventListener('message', event => { if (event.data && event.data._version) received.push(event.data); });
parent.postMessage({ type: '@statelyai.connected' }, '*');
</script>`;

interface Received {
  readonly type: string;
  readonly name?: string;
  readonly snapshot?: { readonly value?: unknown };
}

/** The relay's page in a real browser, with a stand-in for the inspector's public page. */
describe("the inspector's bridge page", () => {
  let browser: Browser;
  let publicPage: Server;
  let pageUrl: string;
  let page: Page;
  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: process.env.SESSION_GROUPS_CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-dev-shm-usage',
        '--disable-gpu',
        '--disable-background-networking',
        '--disable-component-update',
      ],
    });
    publicPage = createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end(INSPECTOR_PAGE);
    });
    await new Promise<void>(resolve => publicPage.listen(0, '127.0.0.1', resolve));
    pageUrl = `http://127.0.0.1:${(publicPage.address() as AddressInfo).port}/inspect`;
  });
  afterEach(() => page?.close());
  afterAll(async () => {
    await browser.close();
    publicPage.close();
  });

  test("forwards the relay's messages to the frame, removes the token from the address, and reports the end of the run", async () => {
    const inspector = await createInspector({ pageUrl });
    const group = await createSessionGroup(
      {
        version: 1,
        name: 'bridged',
        sessions: [
          {
            id: 'a',
            projectPath: '.',
            prompt: 'Work',
            agent: { kind: 'scripted', steps: [{ text: 'I work' }, { result: 'done' }] },
          },
        ],
      },
      { inspect: inspector.inspect },
    );
    const problems: string[] = [];
    const hosts = new Set<string>();
    page = await browser.newPage();
    page.on('console', message => message.type() === 'error' && problems.push(message.text()));
    page.on('pageerror', error => problems.push(error.message));
    page.on('request', request => hosts.add(new URL(request.url()).host));

    await page.goto(inspector.url);
    expect(new URL(page.url()).hash).toBe('');
    const frame = await (await page.waitForSelector('#inspector')).contentFrame();
    if (!frame) throw new Error('the page has no frame');
    const received = () => frame.evaluate<Received[]>('window.received');
    await expect
      .poll(async () => (await received()).map(({ name }) => name), { timeout: 60_000 })
      .toContain('group');

    expect((await group.run()).status).toBe('completed');
    await expect
      .poll(async () => (await received()).map(({ snapshot }) => snapshot?.value), { timeout: 60_000 })
      .toContainEqual({ atRest: { settled: 'completed' } });
    expect((await received()).map(({ name }) => name)).toEqual(expect.arrayContaining(['group', 'a']));

    await group.dispose();
    await inspector.close();
    await page.waitForSelector('text=The run has ended.', { timeout: 60_000 });
    expect(problems).toEqual([]);
    expect([...hosts].filter(host => host !== '').sort()).toEqual(
      [`127.0.0.1:${inspector.port}`, new URL(pageUrl).host].sort(),
    );
  });

  test('shows nothing without a valid token', async () => {
    const inspector = await createInspector({ pageUrl });
    page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${inspector.port}/#token=wrong`);
    await page.waitForSelector('text=Disconnected. Reconnecting…', { timeout: 60_000 });
    const frame = await (await page.waitForSelector('#inspector')).contentFrame();
    const received = await frame?.evaluate<Received[]>('window.received');
    expect(received).toEqual([]);
    await inspector.close();
  });
});
