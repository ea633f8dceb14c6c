import { expect, onTestFinished, test } from 'vitest';
import { askToResume, askToRetry } from '../../src/control/ask-owner.ts';
import { readSaved } from '../../src/control/read-saved.ts';
import { notRunFromHere } from '../../src/control/refusals.ts';
import { groupHandlers } from '../../src/control/verbs.ts';
import { connectControl } from '../../src/control/wire/client.ts';
import { createSessionGroup } from '../../src/sdk/group/api/create.ts';
import { viewGroup } from '../../src/sdk/group/standing/view.ts';
import { createMemoryStore } from '../../src/sdk/group/store/memory-store.ts';
import { bench, definitionOf, failing, scripted } from '../support/bench.ts';
import { serve } from './fixture.ts';

test('a resume that is refused changes nothing, also not the limit that it brings', async () => {
  const { group, until, of } = await bench([scripted('a', [{ cost: 2 }, { cost: 2 }])], {
    config: { budget: { maxBudgetUsd: 1, onBudgetExceeded: 'pause' } },
  });
  expect((await until(group.run())).status).toBe('paused');
  const client = await connectControl((await serve(groupHandlers(group))).address);
  onTestFinished(() => client.close());

  const refused = askToResume(client, 0.5, { wait: false });
  await expect(refused).rejects.toMatchObject({ code: 'budget_exhausted' });
  expect([group.getProgress().limitUsd, of('budget_changed')]).toEqual([1, []]);

  await askToResume(client, 9, { wait: false });
  expect(of('budget_changed')).toMatchObject([{ limitUsd: 9 }]);
});

test('a retry of a group whose budget is spent is accepted once, and the group stays paused and says why', async () => {
  const { group, until, of } = await bench(
    [scripted('a', [failing()], { priority: 1 }), scripted('b', [{ cost: 2 }, { cost: 2 }])],
    {
      config: {
        budget: { maxBudgetUsd: 1, onBudgetExceeded: 'pause' },
        concurrency: { maxConcurrent: 1, errorThreshold: 9 },
      },
    },
  );
  expect(await until(group.run())).toMatchObject({ status: 'paused', reason: 'budget_exceeded' });
  const client = await connectControl((await serve(groupHandlers(group))).address);
  onTestFinished(() => client.close());

  expect(await askToRetry(client, {}, { wait: true })).toMatchObject({
    status: 'paused',
    reason: 'budget_exceeded',
  });
  expect([of('group_retried'), of('group_resumed')]).toMatchObject([[{ sessions: ['a'] }], []]);
  expect(group.why()).toMatchObject({ kind: 'budget' });
});

test('who asks for a run of a created group that another process owns is told of that process', async () => {
  const store = createMemoryStore();
  const group = await createSessionGroup(definitionOf([scripted('a')]), { store });
  onTestFinished(() => group.dispose());
  const stored = await store.read(group.id);
  const owner = { pid: 7, host: 'here', since: '2026-01-01T00:00:00.000Z', alive: true };
  const error = notRunFromHere(await readSaved(stored, { viewGroup }), { ...stored, owner });
  expect(error).toMatchObject({ code: 'owned_elsewhere', message: expect.stringContaining('process 7') });
});
