import { randomBytes, randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Channel, NumberedText, Position, Told } from '../../src/fleet/channel.ts';

export interface ChannelFixture {
  readonly channel: Channel;
  /** Another process with the same channel. */
  readonly other: Channel;
  close(): Promise<void>;
}

/** Reports from one number to another, each with a text of its own. */
const numbered = (from: number, to: number): NumberedText[] =>
  Array.from({ length: to - from + 1 }, (_, i) => ({ n: from + i, text: `{"n":${from + i}}` }));

/** The rules of a channel (CHANNEL-1 to CHANNEL-5). */
export function channelCases(begin: (bound: number) => Promise<ChannelFixture>): void {
  const channelTest = (name: string, run: (fixture: ChannelFixture, group: string) => Promise<void>) =>
    test(name, async () => {
      const fixture = await begin(20);
      try {
        await run(fixture, `group-${randomUUID()}`);
      } finally {
        await fixture.close();
      }
    });

  channelTest('brings reports to their group, in order, as they come', async ({ channel, other }, group) => {
    const [web, api] = [
      { group, session: 'web', epoch: 1 },
      { group, session: 'api', epoch: 3 },
    ];
    const reading = read(channel, group, undefined, 5);
    expect(await other.report(web, numbered(1, 2))).toEqual({ kind: 'kept' });
    expect(await other.report(api, numbered(1, 1))).toEqual({ kind: 'kept' });
    expect(await other.report(web, numbered(3, 4))).toEqual({ kind: 'kept' });
    const found = await reading;
    expect(found.map(({ session, epoch, n, text }) => ({ session, epoch, n, text }))).toEqual([
      ...numbered(1, 2).map(report => ({ session: 'web', epoch: 1, ...report })),
      ...numbered(1, 1).map(report => ({ session: 'api', epoch: 3, ...report })),
      ...numbered(3, 4).map(report => ({ session: 'web', epoch: 1, ...report })),
    ]);
  });

  channelTest(
    'hears what is sent again once, and nothing with a gap before it',
    async ({ channel, other }, group) => {
      const writer = { group, session: 'web', epoch: 1 };
      await channel.report(writer, numbered(1, 3));
      expect(await other.report(writer, numbered(1, 3))).toEqual({ kind: 'kept' });
      expect(await other.report(writer, numbered(2, 5))).toEqual({ kind: 'kept' });
      expect(await other.report(writer, numbered(7, 8))).toEqual({ kind: 'gap', last: 5 });
      expect(await other.report(writer, numbered(6, 6))).toEqual({ kind: 'kept' });
      expect((await read(other, group, undefined, 6)).map(({ n }) => n)).toEqual([1, 2, 3, 4, 5, 6]);
    },
  );

  channelTest('hears no writer of an earlier epoch', async ({ channel, other }, group) => {
    const [before, after] = [1, 2].map(epoch => ({ group, session: 'web', epoch }));
    if (!before || !after) throw new Error('two writers');
    await channel.report(before, numbered(1, 1));
    await other.fence(after);
    await other.fence(before);
    expect(await channel.report(before, numbered(2, 2))).toEqual({ kind: 'fenced' });
    expect(await channel.report({ ...before, session: 'api' }, numbered(1, 1))).toEqual({ kind: 'kept' });
    expect(await channel.report(after, numbered(1, 1))).toEqual({ kind: 'kept' });
    expect((await read(channel, group, undefined, 3)).map(({ epoch }) => epoch)).toEqual([1, 1, 2]);
  });

  channelTest(
    'lets a writer wait that is too far ahead, and loses nothing',
    async ({ channel, other }, group) => {
      const writer = { group, session: 'web', epoch: 1 };
      expect(await channel.report(writer, numbered(1, 20))).toEqual({ kind: 'kept' });
      expect(await channel.report(writer, numbered(21, 30))).toEqual({ kind: 'full' });
      expect(await channel.report(writer, numbered(1, 20))).toEqual({ kind: 'kept' });
      const found = await read(other, group, undefined, 20);
      await other.forget(group, found[9]?.position ?? '');
      expect(await channel.report(writer, numbered(21, 31))).toEqual({ kind: 'full' });
      expect(await channel.report(writer, numbered(21, 30))).toEqual({ kind: 'kept' });
      expect((await read(other, group, undefined, 20)).map(({ n }) => n)).toEqual(
        numbered(11, 30).map(({ n }) => n),
      );
    },
  );

  channelTest('goes on after a position', async ({ channel, other }, group) => {
    const writer = { group, session: 'web', epoch: 1 };
    await channel.report(writer, numbered(1, 6));
    const begun = await read(other, group, undefined, 4);
    await other.forget(group, begun[1]?.position ?? '');
    expect((await read(other, group, begun[3]?.position, 2)).map(({ n }) => n)).toEqual([5, 6]);
  });

  channelTest(
    'tells a worker what it was told from its beginning, or after a position',
    async ({ channel, other }, group) => {
      const worker = `worker-${group}`;
      await channel.tell(worker, ['one']);
      const hearing = new AbortController();
      const heard: Told[] = [];
      const listening = (async () => {
        for await (const told of other.told(worker, undefined, hearing.signal)) {
          heard.push(...told);
          if (heard.length === 3) return;
        }
      })();
      await channel.tell(worker, ['two', 'three']);
      await listening;
      expect(heard.map(({ text }) => text)).toEqual(['one', 'two', 'three']);
      const again = other.told(worker, heard.at(-2)?.position, hearing.signal);
      const { value } = await again[Symbol.asyncIterator]().next();
      expect(value?.map(({ text }: Told) => text)).toEqual(['three']);
      hearing.abort();
    },
  );

  channelTest('keeps blobs, each as it is', async ({ channel, other }, group) => {
    const bytes = randomBytes(2_500_000);
    const name = await channel.put(group, bytes);
    expect(Buffer.from((await other.get(group, name)) ?? []).equals(bytes)).toBe(true);
    const empty = await channel.put(group, new Uint8Array());
    expect(await other.get(group, empty)).toHaveLength(0);
    expect(await other.get(`${group}-other`, name)).toBeUndefined();
  });

  channelTest(
    'keeps nothing of a group that has ended, and hears nothing of it any more',
    async ({ channel, other }, group) => {
      const writer = { group, session: 'web', epoch: 1 };
      const name = await channel.put(group, Buffer.from('text'));
      await channel.report(writer, numbered(1, 3));
      await other.end(group);
      expect(await channel.get(group, name)).toBeUndefined();
      expect(await channel.report(writer, numbered(4, 4))).toEqual({ kind: 'fenced' });
      expect(await channel.report({ ...writer, epoch: 2 }, numbered(1, 1))).toEqual({ kind: 'fenced' });
      expect([await channel.hasEnded(group), await channel.hasEnded(`${group}-other`)]).toEqual([
        true,
        false,
      ]);
    },
  );
}

/** So many reports, from a position on. */
async function read(channel: Channel, group: string, after: Position | undefined, count: number) {
  const reading = new AbortController();
  const found = [];
  for await (const reports of channel.reports(group, after, reading.signal)) {
    found.push(...reports);
    if (found.length >= count) break;
  }
  reading.abort();
  return found;
}
