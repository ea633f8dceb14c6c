import { expect, test } from 'vitest';
import { remoteGroup } from '../../../src/cli/groups/remote-group.ts';
import { localClient } from '../../../src/control/local-client.ts';
import { readSaved, readSavedAtRest } from '../../../src/control/read-saved.ts';
import { viewGroup } from '../../../src/sdk/group/standing/view.ts';
import { createMemoryStore } from '../../../src/sdk/group/store/memory-store.ts';
import { SimulatedClock } from '../../../src/sdk/simulated-clock.ts';
import { bench, flushed, scripted } from '../../support/bench.ts';

const why = { kind: 'paused', reason: 'held' };

async function watched() {
  const clock = new SimulatedClock();
  const store = createMemoryStore({ clock });
  const hanging = scripted('a', [{ hang: true }]);
  const one = { concurrency: { maxConcurrent: 1 } };
  const { group } = await bench([hanging, scripted('b')], { clock, store, config: one });
  void group.run();
  await flushed();
  const client = localClient(group);
  const owned = { isSuspended: false, answers: true };
  const read = async () => {
    const stored = await store.read(group.id);
    const { owner } = stored;
    return owner && owned.isSuspended ? { ...stored, owner: { ...owner, suspended: true as const } } : stored;
  };
  const request: typeof client.request = (...asked) =>
    owned.answers ? client.request(...asked) : new Promise(() => {});
  const saved = await readSaved(await read(), { viewGroup });
  const remote = await remoteGroup({ ...client, request }, saved, {
    readAtRest: () => readSavedAtRest(group.id, store, { viewGroup }, clock),
    read,
  });
  return { clock, group, remote, owned };
}

test('a group of another process is asked how it stands, also between its events', async () => {
  const { clock, group, remote } = await watched();
  const before = remote.getProgress();
  await group.pauseSession('b'); // which is no event
  clock.advance(5_000);
  expect(remote.getProgress()).toBe(before);
  remote.refresh?.();
  await flushed();
  const { elapsedMs, sessions } = remote.getProgress();
  expect([elapsedMs, sessions[1]]).toMatchObject([before.elapsedMs + 5_000, { id: 'b', why }]);
});

test('one that does not answer is suspended if its process is, until it answers again', async () => {
  const { remote, owned } = await watched();
  owned.answers = false;
  remote.refresh?.();
  remote.refresh?.();
  await flushed();
  expect(remote.suspended?.()).toBeUndefined(); // it may be busy
  owned.isSuspended = true;
  remote.refresh?.();
  await flushed();
  expect(remote.suspended?.()).toEqual({ pid: process.pid, since: undefined });
});
