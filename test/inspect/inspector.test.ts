import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { createWebSocketReceiver } from '@statelyai/inspect';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { createActor, createMachine, fromPromise, type StateValue } from 'xstate';
import { createInspector, type Inspector, type InspectorOptions } from '../../src/inspect/inspector.ts';
import { createSessionGroup } from '../../src/sdk/group/api/create.ts';
import type { SessionGroupInput } from '../../src/sdk/group/types.ts';
import { stateOf } from '../support/state-of.ts';

interface Message {
  readonly type: string;
  readonly name?: string;
  readonly sessionId: string;
  readonly rootId: string;
  readonly parentId?: string;
  readonly definition?: string;
  readonly event?: { readonly type: string };
  readonly snapshot?: { readonly status: string; readonly value?: StateValue; readonly context?: unknown };
}

const open: { close(): Promise<void> | void }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

async function inspector(options: InspectorOptions = {}): Promise<Inspector> {
  const made = await createInspector(options);
  open.push(made);
  return made;
}

/** A watcher that records messages and can wait for one. */
async function watcher(url: string) {
  const messages: Message[] = [];
  const waiting = new Set<() => void>();
  const socket = new WebSocket(url);
  socket.on('message', bytes => {
    messages.push(JSON.parse(String(bytes)));
    for (const look of waiting) look();
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  const seen = (wanted: (message: Message) => boolean) =>
    new Promise<Message>(resolve => {
      const look = () => {
        const found = messages.find(wanted);
        if (!found) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  open.push({ close: () => socket.terminate() });
  return { messages, seen, socket };
}

const session = (id: string, steps: object[], more: object = {}) => ({
  id,
  projectPath: '.',
  prompt: `do ${id}`,
  agent: { kind: 'scripted' as const, steps: steps as never },
  ...more,
});
const definition = (sessions: object[], config: object = {}): SessionGroupInput => ({
  version: 1,
  name: 'inspected',
  config: { concurrency: { maxPerProject: 10 }, ...config },
  sessions: sessions as never,
});

async function inspectedGroup(input: SessionGroupInput, watch: Inspector, env: Record<string, string> = {}) {
  const group = await createSessionGroup(input, { inspect: watch.inspect, env: { ...process.env, ...env } });
  open.push({ close: () => group.dispose() });
  return group;
}

describe('the inspector', () => {
  test("shows the group's machine and its live children, with their states and events", async () => {
    const watch = await inspector();
    const { messages, seen } = await watcher(watch.socketUrl);
    const group = await inspectedGroup(
      definition([session('a', [{ tool: 'Edit', duration: 1 }]), session('b', [], { dependsOn: ['a'] })]),
      watch,
    );
    expect((await group.run()).status).toBe('completed');
    await seen(
      ({ sessionId, rootId, snapshot }) => sessionId === rootId && stateOf(snapshot?.value) === 'completed',
    );

    const actors = messages.filter(({ type }) => type === '@xstate.actor');
    const root = actors.find(({ name }) => name === group.id);
    expect(root).toBeDefined();
    expect(Object.keys(JSON.parse(root?.definition ?? '{}').states)).toEqual([
      'judging',
      'restoring',
      'created',
      'interrupted',
      'active',
      'atRest',
    ]);
    expect(actors.map(({ name }) => name)).toEqual(expect.arrayContaining(['a', 'b', '#budget', '#quota']));
    const child = actors.find(({ name }) => name === 'a');
    expect(child?.parentId).toBe(root?.sessionId);
    expect(JSON.parse(child?.definition ?? '{}').id).toBe('session');

    const valuesOf = (actor: Message | undefined) =>
      messages
        .filter(({ type, sessionId }) => type === '@xstate.snapshot' && sessionId === actor?.sessionId)
        .map(({ snapshot }) => stateOf(snapshot?.value));
    expect(valuesOf(root)).toEqual(expect.arrayContaining(['running', 'completed']));
    expect(valuesOf(child)).toEqual(expect.arrayContaining(['working']));
    const events = messages.filter(({ type }) => type === '@xstate.event').map(({ event }) => event?.type);
    expect(events).toEqual(expect.arrayContaining(['run', 'agent.done', 'session.settled']));
    const judged = messages.filter(({ event }) => event?.type === 'dependency.settled');
    expect(judged.map(({ event, sessionId }) => [event, sessionId])).toEqual([
      [{ type: 'dependency.settled', id: 'b', upstream: 'a' }, root?.sessionId],
    ]);
  });

  test('sends a late watcher every live actor in its current state', async () => {
    const watch = await inspector();
    const group = await inspectedGroup(
      definition([session('done', []), session('held', [{ hang: true }], { dependsOn: ['done'] })]),
      watch,
    );
    const held = new Promise<void>(resolve =>
      group.events$.subscribe(event => {
        if (event.type === 'session_started' && event.sessionId === 'held') resolve();
      }),
    );
    const run = group.run();
    await held;
    const { messages, seen } = await watcher(watch.socketUrl);
    await seen(({ name }) => name === 'held');
    const shown = Object.fromEntries(messages.map(({ name, snapshot }) => [name, stateOf(snapshot?.value)]));
    expect(shown[group.id]).toBe('running');
    expect(shown.held).toBe('working');
    expect(shown).not.toHaveProperty('done'); // settled: its actor is gone (INSPECTOR-2)
    await group.stop();
    await run;
  });

  test('speaks the protocol of the Stately Inspector: its own receiver understands it', async () => {
    const watch = await inspector();
    // Its timing is not ours to test, only what it passes on.
    const values: unknown[] = [];
    const completed = new Promise<void>(resolve => {
      const receiver = createWebSocketReceiver({ server: watch.socketUrl });
      receiver.subscribe(event => {
        if (event.type === '@xstate.snapshot' || event.type === '@xstate.actor') {
          const value = stateOf((event.snapshot as { value?: StateValue }).value);
          values.push(value);
          if (value === 'completed') resolve();
        }
      });
    });
    const group = await inspectedGroup(definition([session('a', [])]), watch);
    await group.run();
    await completed;
    expect(values).toContain('completed');
  });

  test('sends no text: no prompts, messages, results, errors or environment', async () => {
    const watch = await inspector();
    const { messages, seen } = await watcher(watch.socketUrl);
    const canary = 'sk-canary-4f1d0c9a';
    const group = await inspectedGroup(
      definition(
        [
          session('a', [{ text: canary }, { result: canary }], { prompt: canary, env: { KEY: canary } }),
          session('b', [{ failure: 'invalid_request', message: `refused: ${canary}` }], {
            allowFailure: true,
            description: canary,
          }),
        ],
        { retry: { maximumAttempts: 1 } },
      ),
      watch,
      { SECRET_OF_HOST: canary },
    );
    expect((await group.run()).status).toBe('completed');
    await seen(
      ({ sessionId, rootId, snapshot }) => sessionId === rootId && stateOf(snapshot?.value) === 'completed',
    );
    expect(messages.length).toBeGreaterThan(20);
    expect(JSON.stringify(messages)).not.toContain(canary);
    const failed = messages.find(({ event }) => event?.type === 'agent.failed');
    expect(failed?.event).toMatchObject({
      error: { code: 'invalid_request', message: expect.stringMatching(/^\[text of \d+ characters\]$/) },
    });
  });

  test("sends the chart of a host's own machine without its context, inputs and meta", async () => {
    const watch = await inspector({ texts: true });
    const { seen } = await watcher(watch.socketUrl);
    const apiKey = 'sk-canary-0b7e';
    const machine = createMachine({
      id: 'mine',
      context: { apiKey },
      meta: { apiKey },
      invoke: { src: fromPromise(() => new Promise(() => {})), id: 'work', input: { apiKey } },
      initial: 'a',
      states: { a: { description: 'Waits.' } },
    });
    const actor = createActor(machine, { inspect: watch.inspect }).start();
    const shown = await seen(({ name }) => name === 'mine');
    expect(JSON.parse(shown.definition ?? '')).toMatchObject({
      id: 'mine',
      states: { a: { description: 'Waits.' } },
    });
    const state = await seen(
      ({ type, sessionId }) => type === '@xstate.snapshot' && sessionId === actor.sessionId,
    );
    expect(JSON.stringify([shown, state])).not.toContain(apiKey);
    actor.stop();
  });

  test('sends texts of events if the host asks for them', async () => {
    const watch = await inspector({ texts: true });
    const { messages, seen } = await watcher(watch.socketUrl);
    const group = await inspectedGroup(
      definition([session('a', [{ failure: 'invalid_request', message: 'no such model' }])]),
      watch,
    );
    await group.run();
    await seen(
      ({ sessionId, rootId, snapshot }) => sessionId === rootId && stateOf(snapshot?.value) === 'failed',
    );
    expect(JSON.stringify(messages)).toContain('no such model');
  });

  test('reports a busy port with a hint', async () => {
    const other = createServer();
    await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve));
    open.push({ close: () => void other.close() });
    const { port } = other.address() as AddressInfo;
    await expect(createInspector({ port })).rejects.toMatchObject({
      code: 'port_busy',
      message: `port ${port} is in use`,
      hint: expect.stringContaining('free one'),
    });
  });

  test('uses the given port, and listens on loopback only', async () => {
    const first = await inspector();
    const { port } = first;
    await first.close();
    const second = await inspector({ port });
    expect(second.port).toBe(port);
    expect(second.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]{43}$/);
    // Another loopback address: only 127.0.0.1 answers.
    await expect(status({ port, host: '127.0.0.2' })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});

describe('the relay refuses', () => {
  const upgrade = { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13' };
  const key = { 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==' };

  test('clients without a token or with a wrong one', async () => {
    const { port } = await inspector();
    for (const path of ['/', '/?token=', '/?token=wrong', `/?token=${'A'.repeat(43)}`]) {
      expect(await status({ port, path, headers: { ...upgrade, ...key } })).toBe(401);
    }
  });

  test('targets that are no URL, from whoever, and stays up', async () => {
    const { port, socketUrl } = await inspector();
    for (const path of ['//', '///', '//?token=x', '//[::', '//:99999/', 'http://[']) {
      expect([path, await status({ port, path, headers: { ...upgrade, ...key } })]).toEqual([path, 400]);
      expect(await status({ port, path })).toBeGreaterThanOrEqual(400);
    }
    const { search } = new URL(socketUrl);
    expect(await status({ port, path: `/${search}`, headers: { ...upgrade, ...key } })).toBe(101);
  });

  test('other sites: a foreign Host, a foreign Origin', async () => {
    const { port, socketUrl } = await inspector();
    const path = `/${new URL(socketUrl).search}`;
    const headers = { ...upgrade, ...key };
    expect(await status({ port, path, headers: { ...headers, Host: `evil.example:${port}` } })).toBe(403);
    expect(await status({ port, path, headers: { ...headers, Origin: 'https://evil.example' } })).toBe(403);
    expect(await status({ port, path: '/', headers: { Host: 'evil.example' } })).toBe(403);
    expect(await status({ port, path, headers })).toBe(101);
  });

  test('other paths and methods', async () => {
    const { port, socketUrl } = await inspector();
    const token = new URL(socketUrl).search;
    expect(await status({ port, path: `/other${token}`, headers: { ...upgrade, ...key } })).toBe(404);
    for (const path of ['/../package.json', '/%2e%2e/etc/passwd', '//etc/passwd', '/bridge.js/..']) {
      expect(await status({ port, path })).toBe(404);
    }
    expect(await status({ port, method: 'POST', path: '/' })).toBe(405);
    expect(await status({ port, path: '/' })).toBe(200);
  });

  test('a watcher that does not read: it is disconnected, and the others continue', async () => {
    const watch = await inspector();
    const { port, pathname, search } = new URL(watch.socketUrl);
    const deaf = connect(Number(port), '127.0.0.1');
    const head = Object.entries({ Host: `127.0.0.1:${port}`, ...upgrade, ...key })
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join('');
    const gone = new Promise<void>(resolve => deaf.once('close', () => resolve()));
    deaf.on('error', () => {});
    deaf.write(`GET ${pathname}${search} HTTP/1.1\r\n${head}\r\n`);
    await new Promise<void>(resolve => deaf.once('data', () => resolve()));
    deaf.pause();
    const { messages } = await watcher(watch.socketUrl);
    const actorRef = { sessionId: 'x:0', id: 'x', getSnapshot: () => ({}) };
    const value = 'v'.repeat(100_000);
    const snapshot = { status: 'active', value };
    for (let sent = 0; sent < 400; sent++) {
      watch.inspect({
        type: '@xstate.snapshot',
        event: { type: 'tick' },
        snapshot,
        actorRef,
        rootId: 'x:0',
      } as never);
      await new Promise(resolve => setImmediate(resolve));
    }
    deaf.resume();
    await gone;
    await expect.poll(() => messages.length, { timeout: 20_000 }).toBe(400);
  });
});

/** Sends one raw request and returns its status: fetch would not send such a Host. */
function status(request: {
  readonly port: number;
  readonly path?: string;
  readonly method?: string;
  readonly host?: string;
  readonly headers?: Record<string, string>;
}): Promise<number> {
  const { port, path = '/', method = 'GET', host = '127.0.0.1', headers = {} } = request;
  const lines = Object.entries({ Host: `127.0.0.1:${port}`, Connection: 'close', ...headers });
  return new Promise((resolve, reject) => {
    const socket = connect(port, host);
    socket.once('error', reject);
    socket.once('data', bytes => {
      resolve(Number(String(bytes).split(' ')[1]));
      socket.destroy();
    });
    const text = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    socket.write(`${method} ${path} HTTP/1.1\r\n${text}\r\n`);
  });
}

test.each<readonly [string, object]>([
  [
    'a getter that throws',
    {
      get broken() {
        throw new Error('not loaded');
      },
    },
  ],
  [
    'a proxy that throws',
    {
      broken: new Proxy(
        {},
        {
          getPrototypeOf() {
            throw new Error('revoked');
          },
        },
      ),
    },
  ],
  [
    'a class without a name',
    {
      broken: Object.create({
        get constructor() {
          throw new Error('none');
        },
      }),
    },
  ],
])(
  "a host's own machine whose context has %s is shown without it, to watchers that come later too",
  async (_, context) => {
    const { inspect, socketUrl } = await inspector();
    const machine = createMachine({
      id: 'own',
      context,
      initial: 'a',
      states: { a: { on: { GO: 'b' } }, b: {} },
    });
    const actor = createActor(machine, { inspect });
    actor.start();
    const { messages, seen } = await watcher(socketUrl);
    const { snapshot } = await seen(({ type }) => type === '@xstate.actor');
    expect(snapshot).toMatchObject({ status: 'active', value: 'a' });
    expect(JSON.stringify(snapshot?.context)).toContain('[unreadable]');
    actor.send({ type: 'GO' });
    await seen(({ type }) => type === '@xstate.snapshot');
    expect(messages.map(({ type }) => type)).toContain('@xstate.event');
  },
);
