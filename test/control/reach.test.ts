import { expect, test } from 'vitest';
import { localClient } from '../../src/control/local-client.ts';
import { reachGroup } from '../../src/control/reach.ts';
import { OwnerGoneError } from '../../src/control/wire/failure.ts';
import { createMemoryStore } from '../../src/sdk/group/store/memory-store.ts';
import { SimulatedClock } from '../../src/sdk/simulated-clock.ts';
import { bench, scripted } from '../support/bench.ts';

test('an owner that leaves long after it has taken the request has been reached: the next one is looked for', async () => {
  const clock = new SimulatedClock();
  const store = createMemoryStore();
  const { group, flush } = await bench([scripted('a', [{ hang: true }])], { store });
  const reached = reachGroup(
    { find: () => store.read(group.id), ownerOf: async () => localClient(group), clock },
    {
      owned: async () => {
        clock.advance(60_000);
        throw new OwnerGoneError();
      },
      free: async () => 'taken over',
    },
  );
  await flush();
  store.crash(group.id);
  clock.advance(1_000);
  expect(await reached).toBe('taken over');
});
