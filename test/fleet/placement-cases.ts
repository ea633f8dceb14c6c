import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Placement, PlacementNews } from '../../src/fleet/placement.ts';

export interface PlacementFixture {
  readonly placement: Placement;
  /** Another process with the same placement. */
  readonly other: Placement;
  /** Lets time pass until the promise settles. */
  drive<T>(promise: Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** The rules of a placement (PLACEMENT-1 to PLACEMENT-5). */
export function placementCases(begin: () => Promise<PlacementFixture>): void {
  const never = new AbortController().signal;
  /** Keys and pools of a case's own: the cases share one server. */
  const order = (pool: string) => ({ key: `group.session.${randomUUID()}`, pool });
  const nextPool = () => `pool-${randomUUID()}`;

  const placementTest = (name: string, run: (fixture: PlacementFixture) => Promise<void>) =>
    test(name, async () => {
      const fixture = await begin();
      try {
        await run(fixture);
      } finally {
        await fixture.close();
      }
    });

  placementTest('gives each order to one worker, in the order in which they were placed', async fixture => {
    const pool = nextPool();
    const orders = [order(pool), order(pool), order(pool)];
    for (const placed of orders) await fixture.placement.place(placed, 'note');
    const [first, second] = [await fixture.other.serve(pool, 'a'), await fixture.placement.serve(pool, 'b')];
    const taken = [await first.take(never), await second.take(never), await first.take(never)];
    expect(taken.map(lease => lease?.key)).toEqual(orders.map(({ key }) => key));
    const waits = new AbortController();
    const nothing = second.take(waits.signal);
    waits.abort();
    expect(await nothing).toBeUndefined();
  });

  placementTest('wakes a worker that waits', async fixture => {
    const placed = order(nextPool());
    const served = await fixture.other.serve(placed.pool, 'a');
    const taken = served.take(never);
    await fixture.placement.place(placed, 'note');
    expect(await fixture.drive(taken)).toMatchObject({ key: placed.key, note: 'note' });
  });

  placementTest('says how long leases last, and that nobody has what only waits', async fixture => {
    const pool = nextPool();
    const [first, second] = [order(pool), order(pool)];
    await fixture.placement.place(first, 'note');
    await fixture.placement.place(second, 'note');
    const served = await fixture.other.serve(pool, 'a');
    const lease = await served.take(never);
    const [held = 0, waiting] = await fixture.placement.leases([first, second]);
    expect(held).toBeGreaterThan(0);
    expect(waiting).toBe(0);
    await lease?.giveBack();
    expect(await fixture.placement.leases([first])).toEqual([0]);
  });

  placementTest('changes nothing when a key is placed again', async fixture => {
    const { placement, other } = fixture;
    const pool = nextPool();
    const [placed, next] = [order(pool), order(pool)];
    await placement.place(placed, 'note');
    await other.place(placed, 'note');
    await placement.place(next, 'note');
    const served = await other.serve(pool, 'a');
    const lease = await served.take(never);
    await placement.place(placed, 'note');
    expect(await lease?.giveBack()).toBe(true);
    await placement.place(placed, 'note');
    expect(await placement.standing(placed)).toEqual({ kind: 'returned' });
    expect((await served.take(never))?.key).toBe(next.key);
  });

  placementTest('takes back what no worker has had, and only that', async fixture => {
    const { placement, other } = fixture;
    const pool = nextPool();
    const [first, second] = [order(pool), order(pool)];
    await placement.place(first, 'note');
    await placement.place(second, 'note');
    expect(await other.takeBack(first)).toBe(true);
    expect(await placement.standing(first)).toEqual({ kind: 'unknown' });
    const served = await other.serve(pool, 'a');
    const lease = await served.take(never);
    expect(lease?.key).toBe(second.key);
    expect(await placement.takeBack(second)).toBe(false);
    expect(await lease?.giveBack()).toBe(true);
    expect(await placement.takeBack(second)).toBe(false);
    expect(await placement.takeBack(order(pool))).toBe(false);
    await placement.place(first, 'note');
    expect((await served.take(never))?.key).toBe(first.key);
  });

  placementTest('says how many go first, and how many workers there are', async fixture => {
    const { placement, other } = fixture;
    const pool = nextPool();
    const [first, second] = [order(pool), order(pool)];
    await placement.place(first, 'note');
    await placement.place(second, 'note');
    expect(await placement.standing(first)).toEqual({ kind: 'waiting', ahead: 0, workers: 0 });
    const [a, b] = [await other.serve(pool, 'a'), await other.serve(pool, 'b')];
    expect(await placement.standing(second)).toEqual({ kind: 'waiting', ahead: 1, workers: 2 });
    await b.close();
    await a.take(never);
    expect(await placement.standing(first)).toEqual({ kind: 'placed', worker: 'a' });
    expect(await placement.standing(second)).toEqual({ kind: 'waiting', ahead: 0, workers: 1 });
  });

  placementTest(
    'loses an order whose worker does not renew, gives it to nobody else, and says so to all',
    async fixture => {
      const { placement, other, drive } = fixture;
      const pool = nextPool();
      const [placed, next] = [order(pool), order(pool)];
      const news: PlacementNews[] = [];
      const lost = new Promise<void>(resolve => {
        void placement
          .watch(pool, said => {
            news.push(said);
            if (said.kind === 'lost') resolve();
          })
          .then(() => placement.place(placed, 'note'));
      });
      const served = await other.serve(pool, 'a');
      const lease = await drive(served.take(never));
      await drive(lost);
      expect(news).toEqual([
        { kind: 'placed', key: placed.key },
        { kind: 'lost', key: placed.key },
      ]);
      expect(await placement.standing(placed)).toEqual({ kind: 'lost' });
      expect([await lease?.renew(), await lease?.giveBack()]).toEqual([false, false]);
      await placement.place(placed, 'note');
      await placement.place(next, 'note');
      expect((await served.take(never))?.key).toBe(next.key);
      expect(await placement.standing(placed)).toEqual({ kind: 'lost' });
    },
  );

  placementTest('keeps an order with a worker that renews', async fixture => {
    const { placement, other, drive } = fixture;
    const pool = nextPool();
    const [kept, dropped] = [order(pool), order(pool)];
    const gone = new Promise<void>(resolve => {
      void placement.watch(pool, said => {
        if (said.kind === 'lost' && said.key === dropped.key) resolve();
      });
    });
    await placement.place(kept, 'note');
    await placement.place(dropped, 'note');
    const served = await other.serve(pool, 'a');
    const lease = await served.take(never);
    await served.take(never);
    const renewing = { on: true };
    const renewals = (async () => {
      for (; renewing.on; await nextTurn()) if (!(await lease?.renew())) return false;
      return true;
    })();
    await drive(gone);
    renewing.on = false;
    expect(await renewals).toBe(true);
    expect(await placement.standing(kept)).toEqual({ kind: 'placed', worker: 'a' });
  });

  placementTest('forgets what nobody works on', async fixture => {
    const { placement, other } = fixture;
    const placed = order(nextPool());
    await placement.place(placed, 'note');
    const served = await other.serve(placed.pool, 'a');
    const lease = await served.take(never);
    expect(await placement.forget(placed)).toBe(false);
    expect(await placement.standing(placed)).toEqual({ kind: 'placed', worker: 'a' });
    await lease?.giveBack();
    expect(await placement.forget(placed)).toBe(true);
    expect(await placement.standing(placed)).toEqual({ kind: 'unknown' });
    expect(await placement.forget(placed)).toBe(true);
  });
}
