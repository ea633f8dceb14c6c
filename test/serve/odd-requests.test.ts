// @module-tag processes
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { openRelay, type Relay } from '../../src/inspect/relay.ts';
import { createGroupServer, type GroupServer } from '../../src/serve/index.ts';
import { createFileStore } from '../../src/store/file-store.ts';
import { builtPage } from '../support/built-page.ts';
import { until } from './observe.ts';
import { raw, wire } from './raw.ts';

/** What no host survives unless it is caught; vitest would only report it at the end of the run. */
const unhandled: unknown[] = [];
const note = (error: unknown) => void unhandled.push(error);
beforeAll(() => {
  process.on('uncaughtException', note).on('unhandledRejection', note);
});
afterAll(() => {
  process.off('uncaughtException', note).off('unhandledRejection', note);
});

const ODD: Readonly<Record<string, (host: string) => string>> = {
  'an empty line': () => '\r\n\r\n',
  'no method': host => wire('/ HTTP/1.1', { host }),
  'an unknown method': host => wire('BREW / HTTP/1.1', { host }),
  'no version': host => wire('GET /', { host }),
  'version 2': host => wire('GET / HTTP/2.0', { host }),
  'the preface of HTTP/2': () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'a TLS hello': () => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
  'no host': () => wire('GET / HTTP/1.1', {}),
  'two hosts': host => wire('GET / HTTP/1.1', { host, Host: host }),
  'an asterisk': host => wire('OPTIONS * HTTP/1.1', { host }),
  'a path with two slashes': host => wire('GET // HTTP/1.1', { host }),
  'a path of another host': host => wire('GET //evil.example/x HTTP/1.1', { host }),
  'an absolute target': host => wire(`GET http://${host}/ HTTP/1.1`, { host }),
  'an absolute target without an end': host => wire('GET http://[ HTTP/1.1', { host }),
  'half a percent sign': host => wire('GET /%E0%A4%A HTTP/1.1', { host }),
  'half a percent sign in the API': host => wire('GET /api/v1/groups/%E0%A4%A HTTP/1.1', { host }),
  'a NUL in the path': host => wire('GET /%00 HTTP/1.1', { host }),
  'a fragment': host => wire('GET /#x HTTP/1.1', { host }),
  'a colon in the path': host => wire('GET /:80 HTTP/1.1', { host }),
  'a port that is none': host => wire('GET //x:99999999 HTTP/1.1', { host }),
  'a very long path': host => wire(`GET /${'x'.repeat(7_000)} HTTP/1.1`, { host }),
  'large headers': host => wire('GET / HTTP/1.1', { host, x: 'y'.repeat(100_000) }),
  'a tunnel': host => wire(`CONNECT ${host} HTTP/1.1`, { host }),
  'an upgrade to a web socket': host =>
    wire('GET // HTTP/1.1', { host, connection: 'Upgrade', upgrade: 'websocket' }),
  'an upgrade with a bad key': host =>
    wire('GET / HTTP/1.1', {
      host,
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-key': '?',
      'sec-websocket-version': '99',
    }),
  'an upgrade to HTTP/2': host => wire('GET / HTTP/1.1', { host, connection: 'Upgrade', upgrade: 'h2c' }),
  'an expectation': host =>
    wire('POST / HTTP/1.1', { host, expect: 'the worst', 'content-length': '2' }, '{}'),
  'a body of no length': host => wire('POST / HTTP/1.1', { host, 'content-length': 'x' }),
  'a length and chunks': host =>
    wire('POST / HTTP/1.1', { host, 'content-length': '1', 'transfer-encoding': 'chunked' }, '0\r\n\r\n'),
  'a chunk of no size': host => wire('POST / HTTP/1.1', { host, 'transfer-encoding': 'chunked' }, 'zz\r\n'),
  'requests in a row': host => wire('GET // HTTP/1.1', { host }).repeat(3) + wire('GET /%', { host }),
};

interface Entry {
  readonly port: number;
  close(): Promise<unknown>;
}
let folder = '';
let entries: Readonly<Record<'server' | 'relay', Entry>>;
let relay: Relay;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'odd-requests-'));
  const server: GroupServer = await createGroupServer({
    store: createFileStore({ dataDir: folder }),
    pageFolder: builtPage(),
  });
  relay = await openRelay({ port: 0, pageUrl: 'https://stately.ai/inspect', greeting: () => [{ hello: 1 }] });
  entries = { server, relay };
});
afterEach(async () => {
  await Promise.all([entries.server.close(), entries.relay.close()]);
  rmSync(folder, { recursive: true, force: true });
});

test.each(['server', 'relay'] as const)(
  'the %s answers odd requests or hangs up, and lives on',
  async which => {
    const { port } = entries[which];
    const host = `127.0.0.1:${port}`;
    for (const [name, bytes] of Object.entries(ODD)) {
      const client = await raw(port, bytes(host));
      client.socket.end();
      await client.closed;
      if (client.text !== '') expect(client.text, name).toMatch(/^HTTP\/1\.1 \d{3} /);
      const reset = await raw(port, bytes(host));
      reset.socket.resetAndDestroy(); // in the middle of the answer
      await reset.closed;
    }
    const alive = await raw(port, wire('GET / HTTP/1.1', { host, connection: 'close' }));
    await alive.closed;
    expect(alive.text).toMatch(/^HTTP\/1\.1 200 /);
    expect(unhandled).toEqual([]);
  },
);

const FRAMES: Readonly<Record<string, Buffer>> = {
  garbage: Buffer.from('ffffffffffffffffffffffff', 'hex'),
  'a frame without a mask': Buffer.from('810568656c6c6f', 'hex'),
  'a frame of eight exabytes': Buffer.from('81ff7fffffffffffffff00000000', 'hex'),
  'a frame over the limit': Buffer.concat([Buffer.from('82fe080100000000', 'hex'), Buffer.alloc(0x801)]),
  'a text that is not UTF-8': Buffer.from('818200000000fffe', 'hex'),
  'half a frame': Buffer.from('81', 'hex'),
  'a continuation of nothing': Buffer.from('808000000000', 'hex'),
  'a close with a bad code': Buffer.from('8882000000000001', 'hex'),
};

test('a watcher of the inspector that sends garbage is hung up on, and others are told', async () => {
  const { port, socketUrl } = relay;
  const { pathname, search } = new URL(socketUrl);
  const upgrade = wire(`GET ${pathname}${search} HTTP/1.1`, {
    host: `127.0.0.1:${port}`,
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'sec-websocket-version': '13',
  });
  const other = await raw(port, upgrade);
  for (const frame of Object.values(FRAMES)) {
    const client = await raw(port, upgrade);
    client.socket.write(frame);
    client.socket.end();
    await client.closed;
    expect(client.text).toMatch(/^HTTP\/1\.1 101 /);
  }
  relay.send({ still: 'here' });
  await until(() => other.text.includes('{"still":"here"}'));
  other.socket.destroy();
  expect(unhandled).toEqual([]);
});
