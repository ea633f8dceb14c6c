import { expect, test } from 'vitest';
import { localClient } from '../../src/control/local-client.ts';
import { answerToLost, trackRequests } from '../../src/control/lost-request.ts';
import { OwnerGoneError } from '../../src/control/wire/failure.ts';
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
  const crash = () => store.crash(group.id);
  return { group, until, store, answer, crash };
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
  await until(group.pause({ wait: true }));
  expect(await answer('resume')).toMatchObject({ status: 'paused' });
});

test('a retry after which somebody has paused the group has come to rest by that', async () => {
  const { group, until, answer } = await hanging();
  await until(group.stop({ wait: true }));
  await group.retry({ wait: false });
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

test.each(['resume', 'retry'] as const)(
  'a %s that its owner goes on with is not asked for again, until that has died',
  async verb => {
    const { group, until, answer, crash } = await hanging();
    await until(verb === 'resume' ? group.pause({ wait: true }) : group.stop({ wait: true }));
    await group[verb]({ wait: false });
    expect(await answer(verb)).toEqual({ accepted: true });
    crash();
    expect(await answer(verb)).toBeUndefined();
  },
);

test('a resume is in effect once its limit is, too', async () => {
  const { group, until, store } = await hanging();
  await until(group.pause({ wait: true }));
  const lost = new OwnerGoneError();
  const client = trackRequests(
    { ...localClient(group), request: () => Promise.reject(lost) },
    await store.read(group.id),
  );
  await expect(client.request('resume', { maxBudgetUsd: 9 })).rejects.toBe(lost);
  const isInEffect = async () => client.lost?.isInEffect(await store.read(group.id));
  await group.resume({ wait: false });
  expect(await isInEffect()).toBe(false);
  await group.setMaxBudget(9);
  expect(await isInEffect()).toBe(true);
});

test('a hold of a fan-out is in effect once all of its sessions have it', async () => {
  const store = createMemoryStore();
  const audit = scripted('audit', [{ hang: true }], { forEach: ['api', 'web'] });
  const { group, until, flush } = await bench([audit], { store });
  void group.run();
  await flush();
  const lost = new OwnerGoneError();
  const client = async (verb: 'session_pause' | 'session_resume') => {
    const asked = { ...localClient(group), request: () => Promise.reject(lost) };
    const tracked = trackRequests(asked, await store.read(group.id));
    await expect(tracked.request(verb, { id: 'audit' })).rejects.toBe(lost);
    return async () => tracked.lost?.isInEffect(await store.read(group.id));
  };
  const isHeld = await client('session_pause');
  await group.pauseSession('audit.api');
  expect(await isHeld()).toBe(false);
  await group.pauseSession('audit.web');
  expect(await isHeld()).toBe(true);
  await until(group.rest());
  const isLetGo = await client('session_resume');
  await group.resumeSession('audit.api');
  expect(await isLetGo()).toBe(false);
  await group.resumeSession('audit.web');
  expect(await isLetGo()).toBe(true);
});
