import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ReadyQueue } from '../../../../src/sdk/group/schedule/ready-queue.ts';

interface Ranked {
  readonly reentry: number;
  readonly priority: number;
  readonly remaining: number;
}

/** A queue over mutable `ranks`, and a counter of its comparisons. */
function queueOver(ranks: readonly Ranked[]) {
  const counter = { comparisons: 0 };
  const queue = new ReadyQueue({
    reentry: index => {
      counter.comparisons += 0.5; // called for both sides of each comparison
      return ranks[index]?.reentry ?? 0;
    },
    priority: index => ranks[index]?.priority ?? 0,
    remaining: index => ranks[index]?.remaining ?? 0,
  });
  return { queue, counter };
}

function drain(queue: ReadyQueue): number[] {
  const out: number[] = [];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) out.push(next);
  return out;
}

const turns = (reentry: number) => (reentry === 0 ? Number.POSITIVE_INFINITY : reentry);
function sorted(ranks: readonly Ranked[], indices: readonly number[]): number[] {
  const of = (index: number) => ranks[index] ?? { reentry: 0, priority: 0, remaining: 0 };
  return [...indices].sort((a, b) => {
    const [x, y] = [of(a), of(b)];
    if (turns(x.reentry) !== turns(y.reentry)) return turns(x.reentry) - turns(y.reentry);
    return y.priority - x.priority || y.remaining - x.remaining || a - b;
  });
}

const ranked = fc.record({
  reentry: fc.constantFrom(0, 0, 1, 2, 3),
  priority: fc.integer({ min: -2, max: 2 }),
  remaining: fc.integer({ min: 0, max: 5 }),
});
const someRanks = fc.array(ranked, { maxLength: 80 });

describe('the queue of sessions that could start', () => {
  test('returns sessions that were in play first, then by priority, remaining path and definition order', () => {
    fc.assert(
      fc.property(someRanks, ranks => {
        const { queue } = queueOver(ranks);
        const indices = ranks.map((_, index) => index);
        for (const index of [...indices].reverse()) queue.push(index);
        expect(drain(queue)).toEqual(sorted(ranks, indices));
      }),
    );
  });

  test('keeps its order when a session is removed from the middle', () => {
    fc.assert(
      fc.property(someRanks, fc.nat(), (ranks, pick) => {
        const { queue } = queueOver(ranks);
        const indices = ranks.map((_, index) => index);
        for (const index of indices) queue.push(index);
        const victim = pick % Math.max(1, ranks.length);
        expect(queue.delete(victim)).toBe(ranks.length > 0);
        expect(queue.delete(victim)).toBe(false);
        expect(drain(queue)).toEqual(sorted(ranks, indices).filter(index => index !== victim));
      }),
    );
  });

  test('is in order again after ranks changed and reorder was called', () => {
    fc.assert(
      fc.property(someRanks, fc.array(fc.nat({ max: 9 })), (ranks, changes) => {
        const changing = ranks.map(rank => ({ ...rank }));
        const { queue } = queueOver(changing);
        const indices = changing.map((_, index) => index);
        for (const index of indices) queue.push(index);
        changes.forEach((remaining, at) => {
          const rank = changing[at];
          if (rank) rank.remaining = remaining;
        });
        queue.reorder();
        expect(drain(queue)).toEqual(sorted(changing, indices));
      }),
    );
  });

  test('is empty after clear, and pops nothing', () => {
    const { queue } = queueOver([{ reentry: 0, priority: 0, remaining: 0 }]);
    queue.push(0);
    queue.clear();
    expect(queue.size).toBe(0);
    expect(queue.pop()).toBeUndefined();
  });

  test.each([1_000, 32_000])('pushes and pops %i sessions at O(log n) comparisons each', n => {
    const ranks = Array.from({ length: n }, (_, i) => ({
      reentry: 0,
      priority: 0,
      remaining: (i * 7919) % n,
    }));
    const { queue, counter } = queueOver(ranks);
    const log = Math.ceil(Math.log2(n));
    for (let index = 0; index < n; index++) {
      const before = counter.comparisons;
      queue.push(index);
      expect(counter.comparisons - before).toBeLessThanOrEqual(log + 1);
    }
    for (let index = 0; index < n; index++) {
      const before = counter.comparisons;
      queue.pop();
      expect(counter.comparisons - before).toBeLessThanOrEqual(2 * (log + 1));
    }
  });
});
