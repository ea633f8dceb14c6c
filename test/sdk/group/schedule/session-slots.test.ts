import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SessionSlots } from '../../../../src/sdk/group/schedule/session-slots.ts';
import { runs } from '../../../support/runs.ts';

/** A group with work: takes slots up to its own limit, and asks again whenever it gets an offer. */
function worker(slots: SessionSlots, name: string, work: number, most: number, log: string[] = []) {
  const live = new Set<string>();
  let left = work;
  let started = 0;
  const grab = () => {
    while (live.size < most && started < left && mine.take(`s${started}`)) {
      live.add(`s${started++}`);
      log.push(name);
    }
  };
  const mine = slots.join(grab);
  return {
    mine,
    live,
    grab,
    get done() {
      return started === left && live.size === 0;
    },
    end(id: string) {
      live.delete(id);
      mine.free(id);
      grab();
    },
    retire() {
      left = started;
    },
  };
}

describe('shared slots', () => {
  test('are never exceeded, and no group waits forever (SHARED-SLOTS-1, SHARED-SLOTS-3)', async () => {
    const groups = fc.array(fc.record({ work: fc.nat({ max: 12 }), most: fc.integer({ min: 1, max: 5 }) }), {
      minLength: 1,
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 6 }),
        groups,
        fc.infiniteStream(fc.nat()),
        async (max, all, picks) => {
          const slots = new SessionSlots(max);
          const workers = all.map(({ work, most }, index) => worker(slots, `g${index}`, work, most));
          for (const one of workers) one.grab();
          while (workers.some(one => !one.done)) {
            const live = workers.reduce((sum, one) => sum + one.live.size, 0);
            expect(live).toBe(slots.live);
            expect(live).toBeLessThanOrEqual(max); // SHARED-SLOTS-1
            const busy = workers.filter(one => one.live.size > 0);
            expect(busy.length, 'some session is running').toBeGreaterThan(0); // SHARED-SLOTS-3
            const pick = picks.next().value ?? 0;
            const one = busy[pick % busy.length];
            const [id = ''] = one?.live ?? [];
            one?.end(id);
            if (pick % 11 === 0) workers[pick % workers.length]?.retire();
            await null;
          }
          expect(slots.live).toBe(0);
        },
      ),
      { numRuns: runs(200) },
    );
  });

  test('rotate: no group gets a second one while another waits for its first (SHARED-SLOTS-2)', async () => {
    const slots = new SessionSlots(2);
    const log: string[] = [];
    const [a, b, c] = ['a', 'b', 'c'].map(name => worker(slots, name, 6, 6, log));
    for (const one of [a, b, c]) one?.grab();
    while ([a, b, c].some(one => !one?.done)) {
      const one = [a, b, c].find(other => (other?.live.size ?? 0) > 0);
      const [id = ''] = one?.live ?? [];
      one?.end(id);
      await null;
    }
    expect(log.slice(0, 5).join('')).toBe('aabca');
    const first = log.slice(2, 14);
    for (const name of ['b', 'c'])
      expect(first.filter(other => other === name).length).toBeGreaterThanOrEqual(4);
  });

  test('of a leaving group go to the waiting ones', async () => {
    const slots = new SessionSlots(1);
    const log: string[] = [];
    const [a, b] = ['a', 'b'].map(name => worker(slots, name, 1, 1, log));
    a?.grab();
    b?.grab();
    a?.mine.leave();
    await null;
    expect(log).toEqual(['a', 'b']);
    expect(a?.mine.take('late')).toBe(false);
    expect(() => new SessionSlots(0)).toThrow(RangeError);
  });
});
