// @module-tag processes
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { controlAddress } from '../../../src/control/wire/address.ts';
import { connectControl } from '../../../src/control/wire/client.ts';
import { MAX_REQUEST_BYTES } from '../../../src/control/wire/protocol.ts';
import type { ControlContext } from '../../../src/control/wire/request-context.ts';
import { RefusedError } from '../../../src/sdk/errors.ts';
import { type Deferred, deferred } from '../../../src/sdk/process/deferred.ts';
import { SimulatedClock } from '../../../src/sdk/simulated-clock.ts';
import { runs } from '../../support/runs.ts';
import { newAddress, rawClient, serve } from '../fixture.ts';

const stillServes = async (address: string): Promise<void> => {
  const client = await connectControl(address);
  expect(await client.request('pause', {})).toEqual({ accepted: true });
  client.close();
};

describe('the address', () => {
  const before = process.env.XDG_RUNTIME_DIR;
  afterEach(() => {
    if (before === undefined) delete process.env.XDG_RUNTIME_DIR;
    else process.env.XDG_RUNTIME_DIR = before;
  });

  test('is short, private, and differs by data folder and group', () => {
    process.env.XDG_RUNTIME_DIR = mkdtempSync(join(tmpdir(), 'sg-'));
    const [first, second, third] = [
      controlAddress('/data', '20260101-000000-demo'),
      controlAddress('/data', '20260101-000000-demo-2'),
      controlAddress('/other', '20260101-000000-demo'),
    ];
    expect(new Set([first, second, third]).size).toBe(3);
    expect(controlAddress('/data', '20260101-000000-demo')).toBe(first);
    expect(statSync(join(first, '..')).mode & 0o777).toBe(0o700);
  });

  test('is refused with a hint if the folder makes it too long', () => {
    process.env.XDG_RUNTIME_DIR = mkdtempSync(join(tmpdir(), `sg-${'long'.repeat(15)}`));
    expect(() => controlAddress('/data', 'g')).toThrow(
      expect.objectContaining({
        code: 'socket_path_too_long',
        hint: expect.stringContaining('XDG_RUNTIME_DIR'),
      }),
    );
  });
});

describe('the socket', () => {
  test('is private, and removed when the server closes', async () => {
    const server = await serve();
    expect(statSync(server.address).mode & 0o777).toBe(0o600);
    await server.close();
    await server.close();
    expect(existsSync(server.address)).toBe(false);
    await expect(connectControl(server.address)).rejects.toMatchObject({ code: 'owner_gone' });
  });

  test('is replaced if its owner is dead; not if it answers or is not a socket', async () => {
    const address = newAddress();
    const die = `require('net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`;
    expect(() => execFileSync(process.execPath, ['-e', die, address])).toThrow();
    expect(existsSync(address)).toBe(true);
    await expect(connectControl(address)).rejects.toMatchObject({ code: 'owner_gone' });
    await serve({}, { address });
    await stillServes(address);
    await expect(serve({}, { address })).rejects.toMatchObject({ code: 'address_in_use' });
    await stillServes(address);
    const file = newAddress();
    writeFileSync(file, 'mine');
    await expect(serve({}, { address: file })).rejects.toMatchObject({ code: 'address_in_use' });
  });
});

describe('requests that are refused', () => {
  const v = 1;
  test.each([
    ['another version', { v: 2, id: 7, method: 'status' }, 7, 'unsupported_version'],
    ['no version', { id: 7, method: 'status' }, 7, 'unsupported_version'],
    ['an unknown method', { v, id: 'a', method: 'explode' }, 'a', 'unknown_method'],
    ['a method of every object', { v, id: 7, method: 'toString' }, 7, 'unknown_method'],
    ['no method', { v, id: 7 }, 7, 'bad_request'],
    ['an unknown key', { v, id: 7, method: 'stop', force: true }, 7, 'bad_request'],
    ['an unknown parameter', { v, id: 7, method: 'retry', params: { all: true } }, 7, 'invalid_params'],
    [
      'a parameter of the wrong kind',
      { v, id: 7, method: 'set_max_budget', params: { usd: -1 } },
      7,
      'invalid_params',
    ],
    [
      'a missing parameter',
      { v, id: 7, method: 'answer', params: { decision: 'allow' } },
      7,
      'invalid_params',
    ],
    ['no id', { v, method: 'status' }, null, 'bad_request'],
    ['an id that is none', { v, id: {}, method: 'status' }, null, 'bad_request'],
    ['a list', [1, 2], null, 'bad_request'],
    ['nothing', null, null, 'bad_request'],
  ])('%s', async (_, request, id, code) => {
    const { address } = await serve();
    const client = await rawClient(address);
    client.write(`${JSON.stringify(request)}\n`);
    expect(await client.next()).toMatchObject({ v: 1, id, ok: false, error: { code } });
    client.write('{"v":1,"id":8,"method":"stop"}\n');
    expect(await client.next()).toEqual({ v: 1, id: 8, ok: true, result: { accepted: true } });
  });

  test.each(['v', 'id', 'params'])('a request that is nested too deep: %s', async name => {
    const { address } = await serve();
    const client = await rawClient(address);
    const deep = `${'[1,'.repeat(20_000)}1${']'.repeat(20_000)}`;
    client.write(`{"v":1,"id":7,"method":"stop","${name}":${deep}}\n`);
    expect(await client.next()).toMatchObject({ v: 1, id: null, ok: false, error: { code: 'bad_request' } });
    client.write('{"v":1,"id":8,"method":"stop"}\n');
    expect(await client.next()).toMatchObject({ id: 8, ok: true });
  });

  test('a refusal keeps its code, hint and kind; an unexpected error reveals no internals', async () => {
    const refusal = new RefusedError('budget_exhausted', 'used up', { hint: 'raise it' });
    const { address } = await serve({ resume: () => Promise.reject(refusal) });
    const client = await rawClient(address);
    client.write('{"v":1,"id":1,"method":"resume"}\n');
    const error = { code: 'budget_exhausted', message: 'used up', hint: 'raise it', kind: 'refused' };
    expect(await client.next()).toEqual({ v: 1, id: 1, ok: false, error });
    client.write('{"v":1,"id":2,"method":"status"}\n');
    const broken = await client.next();
    expect(broken).toMatchObject({ id: 2, ok: false, error: { code: 'internal_error' } });
    expect(JSON.stringify(broken)).not.toMatch(/secret|stack|\.ts/);
  });

  test('a handler that throws, or replies with a value that is not JSON, is an internal error', async () => {
    const { address } = await serve({
      pause: () => {
        throw new Error('at once');
      },
      retry: async () => ({ sessions: [], big: 1n }),
    });
    const client = await rawClient(address);
    client.write('{"v":1,"id":1,"method":"pause"}\n{"v":1,"id":2,"method":"retry"}\n');
    for (const id of [1, 2]) {
      expect(await client.next()).toMatchObject({ id, ok: false, error: { code: 'internal_error' } });
    }
  });

  test('too many at once, and an id in use', async () => {
    const gate = deferred<{ readonly accepted: true }>();
    const { address } = await serve({ pause: () => gate.promise });
    const client = await rawClient(address);
    client.write('{"v":1,"id":0,"method":"pause"}\n{"v":1,"id":0,"method":"pause"}\n');
    expect(await client.next()).toMatchObject({ id: 0, ok: false, error: { code: 'bad_request' } });
    for (let id = 1; id <= 64; id += 1) client.write(`{"v":1,"id":${id},"method":"pause"}\n`);
    expect(await client.next()).toMatchObject({ id: 64, ok: false, error: { code: 'too_many_requests' } });
    gate.resolve({ accepted: true });
    for (let id = 0; id < 64; id += 1) expect(await client.next()).toMatchObject({ id, ok: true });
  });
});

describe('clients that misbehave', () => {
  test('garbage, or a line that is too long, closes the connection with a reason', async () => {
    const { address } = await serve();
    const garbage = await rawClient(address);
    garbage.write('GET / HTTP/1.1\r\n\r\n');
    expect(await garbage.next()).toMatchObject({ id: null, ok: false, error: { code: 'bad_request' } });
    expect(await garbage.next()).toBe('end');
    const long = await rawClient(address);
    long.write('x'.repeat(MAX_REQUEST_BYTES + 1));
    expect(await long.next()).toMatchObject({ id: null, error: { code: 'line_too_long' } });
    expect(await long.next()).toBe('end');
    await stillServes(address);
  });

  test('a request just under the limit is read, however it is split', async () => {
    const { address } = await serve();
    const client = await rawClient(address);
    const requestId = 'r'.repeat(MAX_REQUEST_BYTES - 200);
    const line = JSON.stringify({ v: 1, id: 1, method: 'answer', params: { requestId, decision: 'deny' } });
    client.write('\n \n');
    client.write(line.slice(0, 10));
    client.write(line.slice(10));
    client.write('\n{"v":1,"id":2,"method":"st');
    expect(await client.next()).toMatchObject({ id: 1, ok: true });
    client.write('op"}\n');
    expect(await client.next()).toMatchObject({ id: 2, ok: true });
  });

  test('any bytes: an answer in the protocol or silence, and the server keeps working', async () => {
    const { address } = await serve();
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.json().map(text => Buffer.from(`${text}\n`)),
      fc
        .object({ key: fc.constantFrom('v', 'id', 'method', 'params', 'wait') })
        .map(value => Buffer.from(`${JSON.stringify(value)}\n`)),
    );
    await fc.assert(
      fc.asyncProperty(bytes, async sent => {
        const client = await rawClient(address);
        client.write(sent);
        client.socket.end();
        for (let said = await client.next(); said !== 'end'; said = await client.next()) {
          expect(said).toMatchObject({ v: 1 });
        }
      }),
      { numRuns: runs(200) },
    );
    await stillServes(address);
  });

  test('a client that disconnects during a request: its signal is aborted, and nothing else happens', async () => {
    const asked = deferred<ControlContext>();
    const never = new Promise<never>(() => {});
    const { address } = await serve({
      pause: (_, context) => {
        asked.resolve(context);
        return never;
      },
    });
    const client = await rawClient(address);
    client.write('{"v":1,"id":1,"method":"pause","wait":false}\n');
    const context = await asked.promise;
    expect(context.wait).toBe(false);
    const aborted = new Promise<void>(resolve => context.signal.addEventListener('abort', () => resolve()));
    client.socket.destroy();
    await aborted;
    await expect(context.drained()).rejects.toMatchObject({ code: 'owner_gone' });
    expect(context.send({ type: 'x' })).toBe(false);
  });

  test('a thousand connections: idle ones are closed for new ones, busy ones stay', async () => {
    const asks: Deferred<{ readonly accepted: true }>[] = [];
    const { address } = await serve(
      {
        pause: () => {
          const ask = deferred<{ readonly accepted: true }>();
          asks.push(ask);
          return ask.promise;
        },
      },
      { maxConnections: 10 },
    );
    const busy = await connectControl(address);
    const reply = busy.request('pause', {});
    const crowd = [];
    for (let count = 0; count < 1_000; count += 1) crowd.push(await rawClient(address));
    await Promise.all(crowd.slice(0, 980).map(client => client.closed));
    expect(await crowd[0]?.next()).toMatchObject({ error: { code: 'too_many_connections' } });
    const last = await connectControl(address);
    expect(await last.request('stop', {})).toEqual({ accepted: true });
    for (const ask of asks) ask.resolve({ accepted: true });
    expect(await reply).toEqual({ accepted: true });
    for (const client of [busy, last]) client.close();
  });

  test('if all are busy, the new one is refused', async () => {
    const { address } = await serve({ pause: () => new Promise(() => {}) }, { maxConnections: 2 });
    for (const id of [1, 2]) {
      const client = await rawClient(address);
      client.write(`{"v":1,"id":${id},"method":"pause"}\n{"v":1,"id":"x","method":"stop"}\n`);
      expect(await client.next()).toMatchObject({ id: 'x', ok: true });
    }
    const newcomer = await rawClient(address);
    expect(await newcomer.next()).toMatchObject({ id: null, error: { code: 'too_many_connections' } });
    expect(await newcomer.next()).toBe('end');
  });
});

describe('closing the server', () => {
  test('answers open requests, sends replies about a state just reached, and ends every connection', async () => {
    const gate = deferred<{ readonly accepted: true }>();
    const server = await serve({ pause: () => gate.promise, stop: () => new Promise(() => {}) });
    const client = await connectControl(server.address);
    const [reached, open] = [client.request('pause', {}), client.request('stop', {})];
    // The first answer means that both may be sent, the second that they have been taken.
    for (const _ of ['sent', 'taken'])
      expect(await client.request('why', {})).toEqual({ why: { kind: 'not_started' } });
    gate.resolve({ accepted: true });
    const closed = server.close();
    expect(await reached).toEqual({ accepted: true });
    await expect(open).rejects.toMatchObject({ code: 'owner_gone' });
    await closed;
    await expect(client.request('pause', {})).rejects.toMatchObject({ code: 'owner_gone' });
  });

  test('does not wait long for a client that does not read', async () => {
    const clock = new SimulatedClock();
    const streaming = deferred<void>();
    const record = { type: 'x', text: 'x'.repeat(100_000) };
    const server = await serve(
      {
        watch: async (_, { send, drained }) => {
          while (send(record));
          streaming.resolve();
          await drained();
          return { nextSeq: 0 };
        },
      },
      { clock },
    );
    const client = await rawClient(server.address);
    client.socket.pause();
    client.write('{"v":1,"id":1,"method":"watch"}\n');
    await streaming.promise;
    const closed = server.close();
    while (clock.pending === 0) await new Promise(resolve => setImmediate(resolve));
    clock.advance(1_000);
    await closed;
    expect(clock.pending).toBe(0);
  });
});
