import { describe, expect, test } from 'vitest';
import { feedWatcher } from '../../src/control/watch-feed.ts';
import { connectControl } from '../../src/control/wire/client.ts';
import { OwnerGoneError } from '../../src/control/wire/failure.ts';
import { EventLog } from '../../src/sdk/group/journal/streams/event-log.ts';
import { rawClient, serve } from './fixture.ts';
import { talkingGroup } from './talking-group.ts';

async function serveGroup(options: { readonly capacity?: number } = {}) {
  const talking = talkingGroup();
  const log = new EventLog(talking.group, options);
  const watch = ({ fromSeq = 0 }, context: Parameters<typeof feedWatcher>[1]) =>
    feedWatcher(log.reader(fromSeq), context);
  const server = await serve({ watch });
  return { ...talking, server };
}

const upTo = (end: number, start = 0): number[] =>
  Array.from({ length: end - start }, (_, index) => start + index);

describe('watching a group', () => {
  test('history first, then live, without a gap, to the last event', async () => {
    const { server, say, end } = await serveGroup();
    say(500);
    const client = await connectControl(server.address);
    const seen: number[] = [];
    for await (const event of client.watch()) {
      seen.push(event.seq);
      if (seen.length === 500) say(300);
      if (seen.length === 800) end();
    }
    expect(seen).toEqual(upTo(800));
    client.close();
  });

  test('from a past event, and from one that has not happened yet', async () => {
    const { server, say, end } = await serveGroup();
    say(10);
    const client = await connectControl(server.address);
    const seen = async (fromSeq: number) => {
      const found: number[] = [];
      for await (const event of client.watch({ fromSeq })) {
        if (found.length === 0 && fromSeq === 7) {
          say(10);
          end();
        }
        found.push(event.seq);
      }
      return found;
    };
    expect(await Promise.all([seen(7), seen(15)])).toEqual([upTo(20, 7), upTo(20, 15)]);
    expect(await seen(0)).toEqual(upTo(20));
    client.close();
  });

  test('fifty watchers, some of them slow, each see every event once, and share reads of the journal', async () => {
    const { server, say, end, reads } = await serveGroup({ capacity: 100 });
    say(500, 1_000);
    const client = await connectControl(server.address);
    const watchers = upTo(50).map(async index => {
      const seen: number[] = [];
      for await (const event of client.watch()) {
        seen.push(event.seq);
        if (index % 10 === 0) await new Promise(resolve => setImmediate(resolve));
        if (index === 0 && seen.length === 300) {
          say(1_500, 1_000);
          end();
        }
      }
      return seen;
    });
    for (const seen of await Promise.all(watchers)) expect(seen).toEqual(upTo(2_000));
    expect(reads.count).toBeLessThan(50); // 2,000 events of 1,300 bytes, 256 KiB at a time, are 10
    client.close();
  });

  test('a watcher that does not read delays nothing; when it reads again it gets `lagged`', async () => {
    const { server, say, end } = await serveGroup({ capacity: 100 });
    const client = await rawClient(server.address);
    client.write('{"v":1,"id":1,"method":"watch"}\n');
    say(1);
    expect(await client.next()).toMatchObject({ record: { seq: 0 } });
    client.socket.pause();
    const quick = await connectControl(server.address);
    for await (const event of quick.watch()) {
      if (event.seq % 500 === 0) say(500, 2_000);
      if (event.seq === 5_000) break;
    }
    end();
    client.socket.resume();
    const said: unknown[] = [];
    for (let message = await client.next(); ; message = await client.next()) {
      said.push(message);
      if (typeof message !== 'object' || message === null || 'ok' in message) break;
    }
    expect(said).toContainEqual({ v: 1, id: 1, notice: 'lagged' });
    const seqs = said.flatMap(message => JSON.stringify(message).match(/"seq":(\d+)/)?.[1] ?? []);
    expect(seqs.map(Number)).toEqual(upTo(seqs.length + 1, 1));
    expect(said.at(-1)).toEqual({ v: 1, id: 1, ok: true, result: { nextSeq: seqs.length + 1 } });
    quick.close();
  });

  test('a watcher that disconnects is forgotten, whether it reads or waits', async () => {
    const { server, say, group } = await serveGroup();
    say(3);
    const client = await connectControl(server.address);
    for await (const event of client.watch()) if (event.seq === 2) break;
    const waiting = client.watch({ fromSeq: 3 }, { signal: AbortSignal.abort(new Error('enough')) });
    await expect(waiting[Symbol.asyncIterator]().next()).rejects.toThrow('enough');
    const controller = new AbortController();
    const late = client.watch({ fromSeq: 2 }, { signal: controller.signal })[Symbol.asyncIterator]();
    await late.next();
    const next = late.next();
    controller.abort(new Error('leaving'));
    await expect(next).rejects.toThrow('leaving');
    await server.close();
    expect(group.events$.observers).toEqual([]);
    client.close();
  });

  test('an owner that exits is an error, not an end', async () => {
    const { server, say } = await serveGroup();
    say(1);
    const client = await connectControl(server.address);
    const events = client.watch()[Symbol.asyncIterator]();
    await events.next();
    const next = expect(events.next()).rejects.toBeInstanceOf(OwnerGoneError);
    await server.close();
    await next;
  });

  test('a journal that cannot be read is a typed error', async () => {
    const { server, say, group } = await serveGroup();
    async function* history() {}
    say(1);
    const reader = new EventLog({ ...group, history }).reader(0);
    say(1);
    await expect(reader.next(new AbortController().signal)).rejects.toMatchObject({
      code: 'history_missing',
    });
    await server.close();
  });
});
