import { describe, expect, test } from 'vitest';
import type { ControlHandlers } from '../../../src/control/verbs.ts';
import { feedWatcher } from '../../../src/control/watch-feed.ts';
import { connectControl } from '../../../src/control/wire/client.ts';
import type { ControlContext } from '../../../src/control/wire/request-context.ts';
import { serveControl } from '../../../src/control/wire/server.ts';
import type { Sockets } from '../../../src/control/wire/sockets.ts';
import { EventLog } from '../../../src/sdk/group/journal/streams/event-log.ts';
import { deferred } from '../../../src/sdk/process/deferred.ts';
import { SimulatedClock } from '../../../src/sdk/simulated-clock.ts';
import { loseAfter, MemorySockets } from '../../support/memory-sockets.ts';
import { agreeable } from '../fixture.ts';
import { talkingGroup } from '../talking-group.ts';

/** The protocol over simulated sockets and a simulated clock. */

const address = '/run/simulated.sock';

async function world(handlers: Partial<ControlHandlers> = {}) {
  const clock = new SimulatedClock();
  const sockets = new MemorySockets();
  const listen = () => serveControl({ address, clock, sockets, handlers: { ...agreeable, ...handlers } });
  const server = await listen();
  const connect = (patienceMs = 5_000) => connectControl(address, { clock, sockets, patienceMs });
  return { clock, sockets, server, listen, connect };
}

describe('the protocol over sockets in memory', () => {
  test('answers concurrent requests; closing answers open ones and stops listening', async () => {
    const { server, connect } = await world({ stop: () => new Promise(() => {}) });
    const client = await connect();
    const asked = [client.request('pause', {}), client.request('retry', { sessions: ['a'] })];
    expect(await Promise.all(asked)).toEqual([{ accepted: true }, { sessions: ['a'] }]);
    const stopping = expect(client.request('stop', {})).rejects.toMatchObject({ code: 'owner_gone' });
    await server.close();
    await stopping;
    await expect(connect()).rejects.toMatchObject({ code: 'owner_gone' });
  });

  test('a watcher that reads slowly sees each event once (EVENT-LOG-1)', async () => {
    const { group, say, end } = talkingGroup();
    const log = new EventLog(group, { capacity: 100 });
    const watch = ({ fromSeq = 0 }, context: ControlContext) => feedWatcher(log.reader(fromSeq), context);
    const { connect } = await world({ watch });
    say(300, 1_000);
    const seen: number[] = [];
    for await (const event of (await connect()).watch()) {
      seen.push(event.seq);
      if (seen.length === 200) say(700, 1_000);
      if (seen.length === 900) end();
      if (seen.length % 50 === 0) await new Promise(resolve => setImmediate(resolve));
    }
    expect(seen).toEqual(Array.from({ length: 1_000 }, (_, index) => index));
  });

  test('a watcher whose connection is lost in the middle of a line sees only whole ones, and goes on from there', async () => {
    const { group, say, end } = talkingGroup();
    const log = new EventLog(group, { capacity: 100 });
    const watch = ({ fromSeq = 0 }, context: ControlContext) => feedWatcher(log.reader(fromSeq), context);
    const { clock, sockets } = await world({ watch });
    const bad = {
      isSocket: () => true,
      remove: () => {},
      listen: () => Promise.reject(new Error('not here')),
      async connect(to: string) {
        const socket = await sockets.connect(to);
        loseAfter(socket, 5_555);
        return socket;
      },
    };
    say(20, 1_000);
    end();
    const seen: number[] = [];
    const follow = async (over: Sockets): Promise<void> => {
      const client = await connectControl(address, { clock, sockets: over });
      for await (const { seq } of client.watch({ fromSeq: seen.length })) seen.push(seq);
    };
    await expect(follow(bad)).rejects.toMatchObject({ code: 'owner_gone' });
    expect(seen).toEqual([0, 1, 2, 3]);
    await follow(sockets);
    expect(seen).toEqual(Array.from({ length: 20 }, (_, index) => index));
  });

  test('lost sockets: pending requests fail with a typed error, handlers are aborted, new requests work', async () => {
    const begun = deferred<AbortSignal>();
    const { sockets, connect } = await world({
      stop: (_, { signal }) => {
        begun.resolve(signal);
        return new Promise(() => {});
      },
      watch: (_, { signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason));
        }),
    });
    const client = await connect();
    const events = client.watch()[Symbol.asyncIterator]().next();
    const waiting = [client.request('stop', {}), events].map(asked =>
      expect(asked).rejects.toMatchObject({ code: 'owner_gone' }),
    );
    const signal = await begun.promise;
    sockets.lose();
    await Promise.all(waiting);
    expect(signal.aborted).toBe(true);
    expect(await (await connect()).request('pause', {})).toEqual({ accepted: true });
  });

  test('takes the address of a dead owner, but not of one that answers', async () => {
    const { sockets, listen, connect } = await world();
    await expect(listen()).rejects.toMatchObject({ code: 'address_in_use' });
    sockets.kill(address);
    await expect(connect()).rejects.toMatchObject({ code: 'owner_gone' });
    await listen();
    expect(await (await connect()).request('pause', {})).toEqual({ accepted: true });
  });

  test('waits for a silent owner by the clock of the client', async () => {
    const clock = new SimulatedClock();
    const sockets = new MemorySockets();
    await sockets.listen(address, () => {}); // never reads
    const client = await connectControl(address, { clock, sockets });
    const asked = client.request('pause', {});
    const refused = expect(asked).rejects.toMatchObject({ code: 'owner_not_answering' });
    clock.advance(10_000);
    await refused;
    client.close();
  });
});
