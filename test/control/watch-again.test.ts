import { expect, onTestFinished, test } from 'vitest';
import { localClient } from '../../src/control/local-client.ts';
import { groupHandlers } from '../../src/control/verbs.ts';
import { type ControlClient, connectControl } from '../../src/control/wire/client.ts';
import { type Bench, bench, delay, failing, scripted } from '../support/bench.ts';
import { serve } from './fixture.ts';

/* Those who watch a group that has settled and runs again, or has changed before anybody watched (EVENT-LOG-2). */

/** Over the socket, and in the same process. */
const WAYS: readonly (readonly [string, (of: Bench) => Promise<ControlClient>])[] = [
  ['over the socket', async ({ group }) => connectControl((await serve(groupHandlers(group))).address)],
  ['in the same process', async ({ group }) => localClient(group)],
];

/** Has seen the first of its events; resolves with the numbers of all. */
async function watching(client: ControlClient, fromSeq = 0): Promise<() => Promise<readonly number[]>> {
  const events = client.watch({ fromSeq })[Symbol.asyncIterator]();
  const numbers: number[] = [];
  const next = async (): Promise<boolean> => {
    const { done, value } = await events.next();
    if (!done) numbers.push(value.seq);
    return !done;
  };
  await next();
  const all = async () => {
    while (await next());
    return numbers;
  };
  const seen = all();
  return () => seen;
}

async function journalled({ group }: Bench): Promise<readonly number[]> {
  const numbers: number[] = [];
  for await (const { seq } of group.history()) numbers.push(seq);
  return numbers;
}

test.each(WAYS)('%s: a watcher that comes after a retry sees all, as do those before', async (_, connect) => {
  const of = await bench([scripted('a', [failing('max_turns', 1), delay(1_000)])]);
  const client = await connect(of);
  onTestFinished(() => client.close());
  const before = await watching(client);
  await of.until(of.group.run());
  const first = await journalled(of);
  expect(await before()).toEqual(first);

  const retried = of.group.retry();
  await of.flush();
  const meanwhile = await watching(client, first.length);
  await of.until(retried);
  const all = await journalled(of);
  expect(await meanwhile()).toEqual(all.slice(first.length));
  expect(await (await watching(client))()).toEqual(all);
});

test.each(WAYS)(
  '%s: the first watcher of a group that has changed before it ran sees all',
  async (_, connect) => {
    const of = await bench([scripted('a')]);
    await of.group.setMaxBudget(5);
    await of.group.setMaxBudget(6);
    const client = await connect(of);
    onTestFinished(() => client.close());
    const seen = await watching(client);
    await of.until(of.group.run());
    expect(await seen()).toEqual(await journalled(of));
  },
);
