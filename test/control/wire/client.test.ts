import { createServer, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { connectControl } from '../../../src/control/wire/client.ts';
import { serveConnection } from '../../../src/control/wire/connection.ts';
import { AgentUnavailableError, RefusedError, SessionGroupsError } from '../../../src/sdk/errors.ts';
import { deferred } from '../../../src/sdk/process/deferred.ts';
import { SimulatedClock } from '../../../src/sdk/simulated-clock.ts';
import { agreeable, newAddress, serve } from '../fixture.ts';

describe('asking the owner of a group', () => {
  test('passes parameters, `wait` and results, for many requests at once', async () => {
    const { address } = await serve({
      retry: async ({ sessions = [], fresh }, { wait }) => ({
        sessions: [...sessions, `${fresh}`, `${wait}`],
      }),
    });
    const client = await connectControl(address);
    const asked = [
      client.request('retry', { sessions: ['a'], fresh: true }),
      client.request('retry', {}, { wait: false }),
      client.request('answer', { requestId: 'r', decision: 'deny' }),
    ];
    expect(await Promise.all(asked)).toEqual([
      { sessions: ['a', 'true', 'true'] },
      { sessions: ['undefined', 'false'] },
      { accepted: true },
    ]);
    client.close();
  });

  test.each([
    ['a refusal', new RefusedError('already_paused', 'is paused', { hint: 'resume it' }), RefusedError],
    ['a missing agent', new AgentUnavailableError('agent_not_found', 'no claude'), AgentUnavailableError],
    ['anything else', new SessionGroupsError('disk_full', 'no space'), SessionGroupsError],
  ])('%s keeps its type (I15)', async (_, error, type) => {
    const { address } = await serve({ pause: () => Promise.reject(error) });
    const client = await connectControl(address);
    const told = client.request('pause', {});
    await expect(told).rejects.toBeInstanceOf(type);
    await expect(told).rejects.toMatchObject({ code: error.code, message: error.message, hint: error.hint });
    client.close();
  });

  test('a signal ends the waiting with its reason, and the client keeps working', async () => {
    const { address } = await serve({ pause: () => new Promise(() => {}) });
    const client = await connectControl(address);
    const controller = new AbortController();
    const waiting = client.request('pause', {}, { signal: controller.signal });
    controller.abort(new Error('no time'));
    await expect(waiting).rejects.toThrow('no time');
    await expect(client.request('pause', {}, { signal: controller.signal })).rejects.toThrow('no time');
    expect(await client.request('stop', {})).toEqual({ accepted: true });
    client.close();
    await expect(client.request('stop', {})).rejects.toMatchObject({ code: 'owner_gone' });
    await expect(connectControl(address, { signal: controller.signal })).rejects.toThrow('no time');
  });

  test('what an owner has not answered in time is not carried out once it goes on', async () => {
    const address = newAddress();
    const asleep: Socket[] = [];
    const server = createServer({ pauseOnConnect: true }, socket => void asleep.push(socket));
    await new Promise<void>(resolve => server.listen(address, resolve));
    onTestFinished(() => void server.close());
    const client = await connectControl(address, { patienceMs: 20 });
    const refused = client.request('pause', {});
    await expect(refused).rejects.toBeInstanceOf(RefusedError);
    await expect(refused).rejects.toMatchObject({ code: 'owner_not_answering' });

    const carriedOut: string[] = [];
    const noting = (verb: string) => async () => {
      carriedOut.push(verb);
      return { accepted: true } as const;
    };
    for (const socket of asleep) {
      serveConnection(socket, { ...agreeable, pause: noting('pause'), stop: noting('stop') });
      socket.resume();
    }
    // On the same connection, so that whatever was sent before has been read.
    await client.request('stop', {});
    expect(carriedOut).toEqual(['stop']);
    client.close();
  });

  test('what an owner has taken is waited for, however long it takes', async () => {
    const clock = new SimulatedClock();
    const [taken, done] = [deferred<void>(), deferred<void>()];
    const { address } = await serve({
      async pause() {
        taken.resolve();
        await done.promise;
        return { accepted: true };
      },
    });
    const client = await connectControl(address, { clock });
    const slow = client.request('pause', {});
    await taken.promise;
    clock.advance(3_600_000);
    done.resolve();
    expect(await slow).toEqual({ accepted: true });
    client.close();
  });

  test.each([
    ['says garbage', 'hello\n'],
    ['says something else in JSON', '{"v":9}\n'],
    ['closes the connection', ''],
  ])('an owner that %s is gone', async (_, said) => {
    const address = newAddress();
    const server = createServer(socket => {
      socket.once('data', () => {
        socket.write(said);
        if (said === '') socket.destroy();
      });
    });
    await new Promise<void>(resolve => server.listen(address, resolve));
    onTestFinished(() => void server.close());
    const client = await connectControl(address);
    await expect(client.request('status', {})).rejects.toMatchObject({ code: 'owner_gone' });
    const events = (await connectControl(address)).watch()[Symbol.asyncIterator]();
    await expect(events.next()).rejects.toMatchObject({ code: 'owner_gone' });
  });
});
