import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createSessionGroup } from '../../../../src/sdk/group/api/create.ts';
import { createMemoryStore } from '../../../../src/sdk/group/store/memory-store.ts';
import type { GroupStore, OwnedGroup } from '../../../../src/sdk/group/store/store.ts';
import { memoryProjectGate } from '../../../../src/sdk/project/project-gate.ts';
import { SimulatedClock } from '../../../../src/sdk/simulated-clock.ts';
import { createFileStore } from '../../../../src/store/file-store.ts';
import { bench, definitionOf, delay, scripted } from '../../../support/bench.ts';
import { diskFull } from '../../../support/faulty-store.ts';
import { WatchedAgent } from '../../../support/watched-agent.ts';

/** A refused request changes nothing and leaves nothing behind. */

describe('a resume with a new limit', () => {
  const spender = () =>
    bench([scripted('a', [{ cost: 1 }, delay(60_000), { cost: 1 }, { result: 'done' }])], {
      config: { budget: { maxBudgetUsd: 1 } },
    });

  it('below the cost so far is refused, and the old limit stays', async () => {
    const { group, until, of } = await spender();
    expect(await until(group.run())).toMatchObject({ status: 'paused', reason: 'budget_exceeded' });
    for (const maxBudgetUsd of [0.5, 1]) {
      await expect(until(group.resume({ maxBudgetUsd }))).rejects.toMatchObject({ code: 'budget_exhausted' });
    }
    for (const maxBudgetUsd of [0, -1, Number.NaN]) {
      await expect(until(group.resume({ maxBudgetUsd }))).rejects.toMatchObject({ code: 'invalid_argument' });
    }
    expect(group.getProgress().limitUsd).toBe(1);
    expect(of('budget_changed')).toEqual([]);
    expect(await until(group.resume({ maxBudgetUsd: 3 }))).toMatchObject({
      status: 'completed',
      totalCostUsd: 2,
    });
    expect(of('budget_changed').map(event => event.limitUsd)).toEqual([3]);
    expect(group.getProgress().limitUsd).toBe(3);
    await group.dispose();
  });

  it('of a group that is not paused is refused, and the old limit stays', async () => {
    const { group, until, flush } = await spender();
    await expect(until(group.resume({ maxBudgetUsd: 9 }))).rejects.toMatchObject({
      code: 'not_in_this_state',
    });
    const running = group.run();
    await flush();
    await expect(group.resume({ maxBudgetUsd: 9 })).rejects.toMatchObject({ code: 'not_in_this_state' });
    expect(group.getProgress().limitUsd).toBe(1);
    await until(running);
    await group.dispose();
  });

  it('can lift the limit too', async () => {
    const { group, until } = await spender();
    await until(group.run());
    expect(await until(group.resume({ maxBudgetUsd: 'none' }))).toMatchObject({ status: 'completed' });
    expect(group.getProgress().limitUsd).toBeUndefined();
    await group.dispose();
  });
});

describe('a group with unusable agents', () => {
  let folder = '';
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('leaves nothing in its store', async () => {
    folder = mkdtempSync(join(tmpdir(), 'refused-'));
    const silent = {
      kind: 'scripted',
      capabilities: { resume: true, usage: 'none', spends: true, approvals: false },
      start: () => {
        throw new Error('never');
      },
    } as const;
    const options = { store: createFileStore({ dataDir: folder }), agents: { scripted: silent } };
    const definition = definitionOf([scripted('a')]);
    await expect(createSessionGroup(definition, options)).rejects.toMatchObject({
      code: 'agent_reports_no_usage',
    });
    expect(readdirSync(join(folder, 'groups'))).toEqual([]);
  });
});

/** An in-memory store whose owned groups are modified. */
function storeWith(change: (owned: OwnedGroup) => OwnedGroup): GroupStore {
  const store = createMemoryStore();
  return { ...store, create: async group => change(await store.create(group)) };
}

const twoAfterEachOther = () => [
  scripted('a', [delay(10), { result: 'done' }]),
  scripted('b', [{ result: 'done' }], { dependsOn: ['a'] }),
];

describe('other failures of the store', () => {
  it("a session's folder: the session does not start, and the group pauses instead of failing it", async () => {
    let full = true;
    const store = storeWith(owned => ({
      ...owned,
      sessionDir: id => {
        if (full && id === 'b')
          throw Object.assign(new Error('ENOSPC: no space left on device, mkdir'), { code: 'ENOSPC' });
        return undefined;
      },
    }));
    const clock = new SimulatedClock();
    const agent = new WatchedAgent(clock, { logs: true });
    const { group, until } = await bench(twoAfterEachOther(), { clock, store, agents: { scripted: agent } });
    const paused = await until(group.run());
    expect(paused).toMatchObject({
      status: 'paused',
      reason: 'store_failed',
      storeError: { code: 'store_failed', hint: expect.stringContaining('Free some space') },
      sessions: { a: { status: 'completed' }, b: { status: 'paused', attempts: 0 } },
    });
    expect(agent.order).toEqual(['a']);
    full = false;
    expect(await until(group.resume())).toMatchObject({
      status: 'completed',
      sessions: { b: { status: 'completed', attempts: 1 } },
    });
    await group.dispose();
  });

  it('a sync that fails later: the group pauses, and resume rewrites the journal first', async () => {
    let failing = false;
    let recovered = 0;
    const store = storeWith(owned => {
      const append: typeof owned.journal.append = record => owned.journal.append(record);
      const journal = {
        append,
        synced: async () => {
          if (failing) throw diskFull();
        },
        close: () => owned.journal.close(),
        recover: () => {
          if (failing) throw diskFull();
          recovered += 1;
        },
      };
      return { ...owned, journal };
    });
    const { group, until, flush } = await bench(twoAfterEachOther(), {
      store,
      projects: memoryProjectGate(),
    });
    const running = group.run();
    await flush();
    failing = true;
    expect(await until(running)).toMatchObject({ status: 'paused', reason: 'store_failed' });
    await expect(until(group.resume())).rejects.toMatchObject({ code: 'store_failed' });
    failing = false;
    recovered = 0;
    expect(await until(group.resume())).toMatchObject({ status: 'completed' });
    expect(recovered).toBe(1);
    await group.dispose();
  });
});
