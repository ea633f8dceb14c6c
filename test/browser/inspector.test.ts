import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Browser, chromium, type Frame, type Page, type WebSocketRoute } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createInspector, type Inspector } from '../../src/inspect/inspector.ts';
import { createSessionGroup } from '../../src/sdk/group/api/create.ts';

/** A stand-in for the inspector's public page: announces itself to its parent, and listens. `?silent`: once it is told to. */
const INSPECTOR_PAGE = `<!doctype html><title>inspector</title><link rel="icon" href="data:,"><script>
window.received = [];
window.announce = () => parent.postMessage({ type: '@statelyai.connected' }, '*');
addEventListener('message', event => { if (event.data && event.data._version) received.push(event.data); });
if (location.search !== '?silent') announce();
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
  const open: { close(): Promise<void> }[] = [];
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
  afterEach(async () => {
    await page?.close();
    for (const one of open.splice(0).reverse()) await one.close();
  });
  afterAll(async () => {
    await browser.close();
    publicPage.close();
  });

  async function inspectorFor(url: string): Promise<Inspector> {
    const inspector = await createInspector({ pageUrl: url });
    open.push(inspector);
    return inspector;
  }

  /** A group with one session whose agent works until it is stopped. */
  async function liveGroup(inspector: Inspector) {
    const group = await createSessionGroup(
      {
        version: 1,
        name: 'bridged',
        sessions: [
          { id: 'a', projectPath: '.', prompt: 'x', agent: { kind: 'scripted', steps: [{ hang: true }] } },
        ],
      },
      { inspect: inspector.inspect },
    );
    open.push({ close: () => group.dispose() });
    const working = new Promise<void>(resolve =>
      group.events$.subscribe(({ type }) => type === 'session_started' && resolve()),
    );
    void group.run();
    await working;
    return group;
  }

  async function frameOf(): Promise<Frame> {
    const frame = await (await page.waitForSelector('#inspector')).contentFrame();
    if (!frame) throw new Error('the page has no frame');
    await frame.waitForFunction('window.received !== undefined');
    return frame;
  }
  const receivedBy = (frame: Frame) => frame.evaluate<Received[]>('window.received');
  const namesIn = async (frame: Frame) => (await receivedBy(frame)).map(({ name }) => name);

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
    const frame = await frameOf();
    await expect.poll(() => namesIn(frame), { timeout: 60_000 }).toContain(group.id);

    expect((await group.run()).status).toBe('completed');
    await expect
      .poll(async () => (await receivedBy(frame)).map(({ snapshot }) => snapshot?.value), { timeout: 60_000 })
      .toContainEqual({ atRest: { settled: 'completed' } });
    expect(await namesIn(frame)).toEqual(expect.arrayContaining([group.id, 'a']));

    await group.dispose();
    await inspector.close();
    await page.waitForSelector('text=The run has ended.', { timeout: 60_000 });
    expect(problems).toEqual([]);
    expect([...hosts].filter(host => host !== '').sort()).toEqual(
      [`127.0.0.1:${inspector.port}`, new URL(pageUrl).host].sort(),
    );
  });

  test('shows nothing without a valid token', async () => {
    const inspector = await inspectorFor(pageUrl);
    page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${inspector.port}/#token=wrong`);
    await page.waitForSelector('text=Disconnected. Reconnecting…', { timeout: 60_000 });
    expect(await receivedBy(await frameOf())).toEqual([]);
  });

  test.each([
    ['silent', () => `${pageUrl}?silent`],
    ['not reachable', () => 'http://127.0.0.1:9/inspect'],
  ])(
    'says after five seconds that the inspector does not answer, and what else shows the group: %s',
    async (_, url) => {
      const inspector = await inspectorFor(url());
      page = await browser.newPage();
      await page.clock.install({ time: 0 });
      await page.clock.pauseAt(1_000);
      await page.goto(inspector.url);
      const help = page.locator('#silent');
      await page.clock.runFor(4_999);
      expect(await help.isHidden()).toBe(true);
      await page.clock.runFor(1);
      await help.waitFor({ timeout: 60_000 });
      const text = (await help.textContent())?.replace(/\s+/g, ' ');
      expect(text).toContain(`The Stately Inspector at ${url()} doesn't answer.`);
      expect(text).toContain('session-groups run FILE --web');
      expect(text).toContain('session-groups chart');
    },
  );

  test('an inspector that answers late shows what is alive by then, and whatever follows', async () => {
    const inspector = await inspectorFor(`${pageUrl}?silent`);
    const group = await liveGroup(inspector);
    page = await browser.newPage();
    await page.clock.install();
    await page.goto(inspector.url);
    const frame = await frameOf();
    await page.clock.runFor(60_000);
    await page.locator('#silent').waitFor({ timeout: 60_000 });
    expect(await receivedBy(frame)).toEqual([]);

    await frame.evaluate('window.announce()');
    await expect.poll(() => namesIn(frame)).toEqual(expect.arrayContaining([group.id, 'a']));
    expect(await page.locator('#silent').isHidden()).toBe(true);
    const { snapshot } = (await receivedBy(frame)).find(({ name }) => name === 'a') ?? {};
    expect(snapshot?.value).toEqual({ live: 'working' });
    await group.stop();
    await expect
      .poll(async () => (await receivedBy(frame)).map(({ snapshot }) => snapshot?.value))
      .toContainEqual({ atRest: { settled: 'stopped' } });
  });

  test('an inspector that answers only after the run has ended: the page says that it may have', async () => {
    const inspector = await inspectorFor(`${pageUrl}?silent`);
    page = await browser.newPage();
    await page.goto(inspector.url);
    const frame = await frameOf();
    await inspector.close();
    await frame.evaluate('window.announce()');
    await page.waitForSelector('text=Disconnected. Reconnecting… The run may have ended.', {
      timeout: 60_000,
    });
    expect(await receivedBy(frame)).toEqual([]);
  });

  test('keeps nothing while the inspector is silent: 100,000 events leave the heap of the page as it was', async () => {
    const inspector = await inspectorFor(`${pageUrl}?silent`);
    const group = await liveGroup(inspector);
    page = await browser.newPage();
    await page.goto(inspector.url);
    const frame = await frameOf();
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('Performance.enable');
    const heap = async () => {
      await devtools.send('HeapProfiler.collectGarbage');
      const { metrics } = await devtools.send('Performance.getMetrics');
      return metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? Number.NaN;
    };
    const before = await heap();
    const actorRef = group.actor;
    if (!actorRef) throw new Error('the group has no actor');
    const event = { type: 'tick', text: 'x'.repeat(200) };
    for (let sent = 0; sent < 100_000; sent++) {
      inspector.inspect({
        type: '@xstate.event',
        event,
        actorRef,
        rootId: actorRef.sessionId,
        sourceRef: undefined,
      });
      if (sent % 1_000 === 0) await new Promise(resolve => setImmediate(resolve));
    }
    await page.evaluate('1'); // it has done what was asked of it before
    expect((await heap()) - before).toBeLessThan(1_000_000);

    await frame.evaluate('window.announce()');
    await expect.poll(() => namesIn(frame)).toEqual(expect.arrayContaining([group.id, 'a']));
    expect((await receivedBy(frame)).filter(({ type }) => type !== '@xstate.actor')).toEqual([]);
  });

  test('tells an inspector that is loaded anew everything anew', async () => {
    const inspector = await inspectorFor(pageUrl);
    const group = await liveGroup(inspector);
    page = await browser.newPage();
    await page.goto(inspector.url);
    await expect.poll(async () => namesIn(await frameOf())).toEqual(expect.arrayContaining([group.id, 'a']));
    const frame = await frameOf();
    await frame.evaluate('window.old = true; location.reload()');
    await frame.waitForFunction('window.old === undefined && window.received !== undefined');
    await expect.poll(() => namesIn(frame)).toEqual(expect.arrayContaining([group.id, 'a']));
  });

  test('connects again when the connection is cut, and shows what is alive by then', async () => {
    const inspector = await inspectorFor(pageUrl);
    const group = await liveGroup(inspector);
    page = await browser.newPage();
    const connections: WebSocketRoute[] = [];
    await page.routeWebSocket(/^ws:/, route => {
      route.connectToServer();
      connections.push(route);
    });
    await page.clock.install();
    await page.goto(inspector.url);
    const frame = await frameOf();
    const greetings = async () => (await namesIn(frame)).filter(name => name === group.id).length;
    await expect.poll(greetings).toBe(1);
    await connections[0]?.close({ code: 3000 });
    await page.waitForSelector('text=Disconnected. Reconnecting…', { timeout: 60_000 });
    await page.clock.runFor(500);
    await expect.poll(greetings).toBe(2);
    expect(await page.locator('#state').isHidden()).toBe(true);
    expect(connections).toHaveLength(2);
  });
});
