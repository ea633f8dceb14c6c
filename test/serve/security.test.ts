// @module-tag processes
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createGroupServer, type GroupServer } from '../../src/serve/index.ts';
import { createFileStore } from '../../src/store/file-store.ts';
import { builtPage } from '../support/built-page.ts';
import { until } from './observe.ts';
import { type Raw, raw, wire } from './raw.ts';
import { openServeWorld, type ServeWorld, scripted, send } from './serve-world.ts';

/*
 * Each attack happens while a group runs in the same process; afterwards the group is unchanged and runs to its end.
 */

let world: ServeWorld;
let id: string;
const sockets: Raw[] = [];
const LIMITS = { maxConnections: 20, maxBodyBytes: 10_000 };
/** So short that a client of ours may be too late, too, on a busy machine. */
const IMPATIENT = { ...LIMITS, headersTimeoutMs: 400, requestTimeoutMs: 800 };

beforeEach(async () => {
  world = await openServeWorld({ limits: LIMITS });
  const definition = scripted(world.folder, {
    one: { steps: [{ text: 'CANARY' }, { approval: 'Bash' }, { result: 'x' }] },
    two: { after: ['one'], steps: [{ result: 'y' }] },
  });
  id = (await world.post('/groups', { definition, run: true })).json.groupId;
  await until(async () => (await asking()).approval !== undefined);
});

afterEach(async () => {
  for (const { socket } of sockets.splice(0)) socket.destroy();
  // The run is unharmed: the permission request is still pending, and the group ends as it should.
  await until(async () => (await world.api('/groups')).status === 200);
  expect(await status()).toBe('running');
  const { requestId } = (await asking()).approval;
  await world.post(`/groups/${id}/sessions/one/answer`, { requestId, decision: 'allow' });
  await until(async () => (await status()) === 'completed');
  for (const session of ['one', 'two']) {
    const { attempts } = (await world.api(`/groups/${id}/sessions/${session}`)).json.session;
    expect(attempts, session).toBe(1);
  }
  await world.close();
});

const status = async () => (await world.api('/groups')).json.groups[0].status;
const asking = async () => (await world.api(`/groups/${id}/sessions/one`)).json;
const bearer = () => ({ authorization: `Bearer ${world.server.token}` });
const host = () => `127.0.0.1:${world.server.port}`;
const connection = async (bytes = '', port = world.server.port) => {
  const made = await raw(port, bytes);
  sockets.push(made);
  return made;
};

describe('the token', () => {
  test.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    'Bearer x',
    'Basic TOKEN',
    'TOKEN',
    'Bearer TOKENx',
    'Bearer TOKEN TOKEN',
  ])('is required: %s', async authorization => {
    const given = authorization?.replaceAll('TOKEN', world.server.token);
    for (const [method, path] of [
      ['GET', '/api/v1/groups'],
      ['GET', `/api/v1/groups/${id}/events`],
      ['POST', `/api/v1/groups/${id}/stop`],
      ['DELETE', `/api/v1/groups/${id}`],
      ['GET', '/api/v1/nothing'],
    ] as const) {
      const answer = await world.ask(path, { method, headers: { authorization: given } });
      expect([answer.status, answer.json.error.code], `${method} ${path}`).toEqual([401, 'unauthorized']);
      expect(answer.headers['www-authenticate']).toBe('Bearer');
      expect(answer.text).not.toContain('CANARY');
    }
  });

  test('is read from the header only: not from the query, a cookie or the body', async () => {
    const { token } = world.server;
    const asked = [
      world.ask(`/api/v1/groups?token=${token}`),
      world.ask('/api/v1/groups', { headers: { cookie: `token=${token}` } }),
      world.ask(`/api/v1/groups/${id}/stop`, { method: 'POST', body: { token } }),
    ];
    for (const { status } of await Promise.all(asked)) expect(status).toBe(401);
  });

  test('is in no response, and no page sends it elsewhere', async () => {
    const { token } = world.server;
    for (const path of ['/', '/assets/main.js', '/api/v1/groups', `/api/v1/groups/${id}`, '/nothing']) {
      const { text, headers } = await world.ask(path, { headers: bearer() });
      expect(text + JSON.stringify(headers), path).not.toContain(token);
      expect(headers['referrer-policy'], path).toBe('no-referrer');
    }
    expect(token.length).toBeGreaterThanOrEqual(43);
    expect(world.server.url).not.toContain(token);
    expect(world.server.pageUrl(id)).toBe(`http://${host()}/#token=${token}&group=${id}`);
  });
});

describe('a foreign name that resolves to this server (DNS rebinding)', () => {
  test.each([
    'evil.example',
    'evil.example:PORT',
    '127.0.0.1',
    '127.0.0.1:1',
    '0.0.0.0:PORT',
    'localhost.evil.example:PORT',
    '[::1]:PORT',
  ])('is refused: Host %s', async name => {
    const headers = { ...bearer(), host: name.replace('PORT', String(world.server.port)) };
    for (const path of ['/', '/assets/main.js', '/api/v1/groups']) {
      const answer = await world.ask(path, { headers });
      expect([answer.status, answer.text.includes('session')], path).toEqual([421, false]);
    }
    const stop = await world.ask(`/api/v1/groups/${id}/stop`, { method: 'POST', headers });
    expect(stop.status).toBe(421);
  });

  test('cannot be hidden by an absolute request target, nor omitted', async () => {
    const absolute = await connection(
      wire(`GET http://${host()}/api/v1/groups HTTP/1.1`, { Host: 'evil.example', ...bearer() }),
    );
    await until(() => absolute.text !== '');
    expect(absolute.text).toMatch(/^HTTP\/1\.1 4\d\d/);
    for (const headers of [bearer(), { ...bearer(), Host: '' }]) {
      const nameless = await connection(wire('GET /api/v1/groups HTTP/1.0', headers));
      await nameless.closed;
      expect(nameless.text).toMatch(/^HTTP\/1\.1 4\d\d/);
      expect(nameless.text).not.toContain(id);
    }
    expect(absolute.text).not.toContain(id);
  });

  test("the server's own names are 127.0.0.1 and localhost", async () => {
    for (const name of ['127.0.0.1', 'localhost']) {
      const headers = { ...bearer(), host: `${name}:${world.server.port}` };
      expect((await world.ask('/api/v1/groups', { headers })).status).toBe(200);
    }
  });
});

describe('a page of another origin', () => {
  test.each([
    { origin: 'http://evil.example' },
    { origin: 'null' },
    { origin: 'http://127.0.0.1:1' },
    { origin: 'https://127.0.0.1:PORT' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ])('cannot do anything, even with the token: %o', async given => {
    const own = Object.fromEntries(
      Object.entries(given).map(([name, value]) => [name, value.replace('PORT', String(world.server.port))]),
    );
    const headers = { ...bearer(), 'content-type': 'application/json', ...own };
    const stop = await world.ask(`/api/v1/groups/${id}/stop`, { method: 'POST', body: {}, headers });
    expect([stop.status, stop.json.error.code]).toEqual([403, 'foreign_origin']);
    expect((await world.ask('/api/v1/groups', { headers })).status).toBe(403);
  });

  test('gets no CORS header', async () => {
    const headers = { origin: 'http://evil.example', 'access-control-request-method': 'POST' };
    const preflight = await world.ask(`/api/v1/groups/${id}/stop`, { method: 'OPTIONS', headers });
    expect(preflight.status).toBe(405);
    const own = await world.ask('/api/v1/groups', { headers: { ...bearer(), origin: `http://${host()}` } });
    expect(own.status).toBe(200);
    for (const answer of [preflight, own, await world.ask('/')]) {
      const names = Object.keys(answer.headers).filter(name => name.startsWith('access-control-'));
      expect(names).toEqual([]);
    }
  });

  test('can neither frame the page nor run anything in it', async () => {
    const { headers, text } = await world.ask('/');
    expect(headers['content-security-policy']).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['cross-origin-resource-policy']).toBe('same-origin');
    expect(text).not.toMatch(/<script(?![^>]* src=)|<style|style=|https?:\/\//);
    expect((await world.ask('/api/v1/groups', { headers: bearer() })).headers['cache-control']).toBe(
      'no-store',
    );
  });
});

describe('a path', () => {
  test.each([
    '/assets/../../../../../../etc/passwd',
    '/assets/..%2f..%2f..%2f..%2fetc%2fpasswd',
    '/assets/%2e%2e/%2e%2e/%2e%2e/package.json',
    '/assets/..%5c..%5cpackage.json',
    '/assets/....//....//package.json',
    '/assets//etc/passwd',
    '/assets/%00/etc/passwd',
    '/assets/main.js%00.html',
    '/assets/%',
    '/assets/',
    '/../package.json',
    '/etc/passwd',
    '/.git/config',
  ])('leads to nothing but the page: %s', async path => {
    const made = await connection(wire(`GET ${path} HTTP/1.1`, { Host: host(), Connection: 'close' }));
    await made.closed;
    expect(made.text).toMatch(/^HTTP\/1\.1 40[04] /);
    expect(made.text).not.toMatch(/root:|session-groups"|\[core\]/);
  });

  test.each([
    '/api/v1/groups/..%2f..%2fetc',
    '/api/v1/groups/%2e%2e',
    '/api/v1/groups/ID/sessions/..%2f..%2f/transcript',
  ])('names no group or session outside the store: %s', async path => {
    const answer = await world.ask(path.replace('ID', id), { headers: bearer() });
    expect(answer.status).toBe(404);
  });

  test('that is too long is refused', async () => {
    const answer = await world.ask(`/${'x'.repeat(5_000)}`);
    expect(answer.status).toBe(400);
  });
});

describe('a malformed request', () => {
  const json = { 'content-type': 'application/json' };

  test('with a too large body, announced or not: 413, and the connection is closed', async () => {
    const large = JSON.stringify({ sessions: ['x'.repeat(LIMITS.maxBodyBytes)] });
    const announced = await world.api(`/groups/${id}/retry`, { method: 'POST', body: large });
    expect([announced.status, announced.json.error.code]).toEqual([413, 'too_large']);
    expect(announced.headers.connection).toBe('close');
    const head = {
      Host: host(),
      ...bearer(),
      'Content-Type': 'application/json',
      'Transfer-Encoding': 'chunked',
    };
    const chunked = await connection(wire(`POST /api/v1/groups/${id}/retry HTTP/1.1`, head));
    for (let sent = 0; sent < 40 && !chunked.isClosed; sent++) {
      chunked.socket.write(`3e8\r\n${'x'.repeat(1_000)}\r\n`);
      await new Promise(resolve => setImmediate(resolve));
    }
    await until(() => chunked.text.startsWith('HTTP/1.1 413'));
    await chunked.closed;
  });

  test('with a body that is not JSON, or has another content type', async () => {
    const post = (body: string, headers: Record<string, string | undefined>) =>
      world.api(`/groups/${id}/retry`, { method: 'POST', body, headers });
    expect(await post('{"sessions": [', json)).toMatchObject({
      status: 400,
      json: { error: { code: 'malformed_json' } },
    });
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonx', undefined]) {
      expect((await post('{}', { 'content-type': type })).status, String(type)).toBe(415);
    }
    expect((await post('[]', json)).status).toBe(400);
    const deep = `{"sessions":${'['.repeat(1_000)}${']'.repeat(1_000)}}`;
    expect(await post(deep, json)).toMatchObject({
      status: 400,
      json: { error: { code: 'malformed_json' } },
    });
    expect((await post('{"__proto__": {"fresh": true}}', json)).status).toBe(400);
  });

  test.each(['OPTIONS', 'TRACE', 'PUT', 'PATCH', 'CONNECT', 'PROPFIND'])(
    'with the method %s',
    async method => {
      const target = method === 'CONNECT' ? 'evil.example:80' : '/api/v1/groups';
      const made = await connection(
        wire(`${method} ${target} HTTP/1.1`, { Host: host(), ...bearer(), Connection: 'close' }),
      );
      await made.closed;
      if (method === 'CONNECT') expect(made.text).toBe('');
      else expect(made.text).toMatch(/^HTTP\/1\.1 405 .*allow: GET, HEAD, POST, DELETE/is);
    },
  );

  test('may be HEAD', async () => {
    for (const path of ['/', '/api/v1/groups', `/api/v1/groups/${id}/events`]) {
      const { status, text } = await world.ask(path, { method: 'HEAD', headers: bearer() });
      expect([status, text], path).toEqual([200, '']);
    }
  });

  test.each([
    ['garbage', 'hello\r\n\r\n'],
    ['two lengths', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
    [
      'both lengths',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['huge headers', `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`],
  ])('is not HTTP: %s', async (_name, bytes) => {
    const made = await connection(bytes);
    await made.closed;
    expect(made.text).toMatch(/^HTTP\/1\.1 4\d\d /);
  });
});

describe('a slow client (slow loris)', () => {
  let server: GroupServer;
  beforeEach(async () => {
    const { manager } = world;
    const store = createFileStore({ dataDir: world.dataDir });
    server = await createGroupServer({ store, manager, pageFolder: builtPage(), limits: IMPATIENT });
  });
  afterEach(() => server.close());
  const slow = (bytes: string) => connection(bytes, server.port);

  test.each([
    ['sends nothing', ''],
    ['never ends its headers', 'GET / HTTP/1.1\r\nHost: x\r\nX-A: b\r\n'],
  ])('%s: the connection is closed', async (_name, bytes) => {
    const made = await slow(bytes);
    await made.closed;
    expect(made.text === '' || made.text.startsWith('HTTP/1.1 408')).toBe(true);
  });

  test('drips its headers: the connection is closed', async () => {
    const made = await slow('GET / HTTP/1.1\r\n');
    const drip = setInterval(() => made.socket.write('X-A: b\r\n'), 50);
    await made.closed;
    clearInterval(drip);
  });

  test('never ends its body: the connection is closed', async () => {
    const authorization = `Bearer ${server.token}`;
    const head = {
      Host: `127.0.0.1:${server.port}`,
      authorization,
      'Content-Type': 'application/json',
      'Content-Length': '100',
    };
    const made = await slow(wire(`POST /api/v1/groups/${id}/retry HTTP/1.1`, head, '{'));
    await made.closed;
  });

  test('opens too many connections: the rest is refused, and others are served once there is room', async () => {
    const crowd = await Promise.all(Array.from({ length: 60 }, () => slow('GET / HTTP/1.1\r\n')));
    await until(() => crowd.filter(({ isClosed }) => isClosed).length >= 40);
    await Promise.all(crowd.map(({ closed }) => closed));
    const headers = { authorization: `Bearer ${server.token}` };
    await until(async () => (await send(server.port, '/api/v1/groups', { headers })).status === 200);
  });
});

test('a client that requests much and reads nothing: the others are not affected', async () => {
  const asking = wire('GET /assets/main.js HTTP/1.1', { Host: host() }).repeat(200);
  const made = await connection();
  made.socket.pause();
  made.socket.write(asking);
  expect(await status()).toBe('running');
});

test('the server is reachable from this machine only', async () => {
  const { networkInterfaces } = await import('node:os');
  const others = Object.values(networkInterfaces())
    .flat()
    .flatMap(entry =>
      entry !== undefined && !entry.internal && entry.family === 'IPv4' ? [entry.address] : [],
    );
  const { connect } = await import('node:net');
  for (const address of [...others, '127.0.0.2']) {
    const outcome = await new Promise(resolve => {
      const socket = connect(world.server.port, address);
      socket.once('connect', () => resolve('connected'));
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code));
    });
    expect(outcome, address).toBe('ECONNREFUSED');
  }
});
