import { expect, test } from 'vitest';
import { answerToLost } from '../../src/control/lost-request.ts';
import { viewGroup } from '../../src/sdk/group/standing/view.ts';
import { createMemoryStore } from '../../src/sdk/group/store/memory-store.ts';
import { bench, scripted } from '../support/bench.ts';

/* Requests whose owner has died before it answered, and that the journal has (REACH-1). */

async function hanging() {
  const store = createMemoryStore();
  const { group, until, flush } = await bench([scripted('a', [{ hang: true }])], { store });
  void group.run();
  await flush();
  const answer = async (verb: 'pause' | 'stop' | 'resume' | 'retry') =>
    answerToLost(verb, await store.read(group.id), { viewGroup }, true);
  return { group, until, answer };
}

test('a pause that somebody has ended since is not asked for again', async () => {
  const { group, until, answer } = await hanging();
  expect(await answer('pause')).toBeUndefined();
  await until(group.pause({ wait: true }));
  expect(await answer('pause')).toMatchObject({ status: 'paused' });
  await group.resume({ wait: false });
  expect(await answer('pause')).toEqual({ accepted: true });
});

test('a stop after which somebody has retried is not asked for again', async () => {
  const { group, until, answer } = await hanging();
  await until(group.stop({ wait: true }));
  expect(await answer('stop')).toMatchObject({ status: 'stopped' });
  await group.retry({ wait: false });
  expect(await answer('stop')).toEqual({ accepted: true });
});

test('a resume after which somebody has paused the group has come to rest by that', async () => {
  const { group, until, answer } = await hanging();
  await until(group.pause({ wait: true }));
  await group.resume({ wait: false });
  expect(await answer('resume')).toBeUndefined();
  await until(group.pause({ wait: true }));
  expect(await answer('resume')).toMatchObject({ status: 'paused' });
});

test('a retry after which somebody has paused the group has come to rest by that', async () => {
  const { group, until, answer } = await hanging();
  await until(group.stop({ wait: true }));
  await group.retry({ wait: false });
  expect(await answer('retry')).toBeUndefined();
  await until(group.pause({ wait: true }));
  expect(await answer('retry')).toMatchObject({ status: 'paused' });
});

test('a pause that a stop has overtaken is not asked for again', async () => {
  const { group, until, answer } = await hanging();
  await group.pause({ wait: false });
  await group.stop({ wait: false });
  expect(await answer('pause')).toEqual({ accepted: true });
  await until(group.stop({ wait: true }));
  expect(await answer('pause')).toMatchObject({ status: 'stopped' });
});
