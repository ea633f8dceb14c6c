import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, test, vi } from 'vitest';
import { afterAwake, isoTime, systemClock, timeOf } from '../../src/sdk/clock.ts';
import { SimulatedClock } from '../../src/sdk/simulated-clock.ts';

const DAY_MS = 86_400_000;

describe('the system clock', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it.each([0.001, 24.8, 24.9, 30, 60, 365])('waits %d days and no less', days => {
    let fired = 0;
    const delayMs = Math.round(days * DAY_MS);
    systemClock.setTimeout(() => {
      fired += 1;
    }, delayMs);
    vi.advanceTimersByTime(delayMs - 1);
    expect(fired).toBe(0);
    vi.advanceTimersByTime(1);
    expect(fired).toBe(1);
    vi.advanceTimersByTime(400 * DAY_MS);
    expect(fired).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([1, 60])('clears a timeout of %d days, also after a while', days => {
    let fired = 0;
    const handle = systemClock.setTimeout(() => {
      fired += 1;
    }, days * DAY_MS);
    vi.advanceTimersByTime(0.9 * days * DAY_MS);
    systemClock.clearTimeout(handle);
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(days * DAY_MS);
    expect(fired).toBe(0);
  });

  it('treats a negative delay as zero, and waits forever without a deadline', () => {
    let fired = 0;
    systemClock.setTimeout(() => {
      fired += 1;
    }, -5);
    vi.advanceTimersByTime(0);
    expect(fired).toBe(1);
    const handle = systemClock.setTimeout(() => {
      fired += 1;
    }, Number.POSITIVE_INFINITY);
    vi.advanceTimersByTime(1_000 * DAY_MS);
    expect(fired).toBe(1);
    systemClock.clearTimeout(handle);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('a deadline of time awake', () => {
  it.each([
    ['is not moved by a process that runs', []],
    ['is moved by a freeze that is longer than a step', [8_000]],
    ['however often', [8_000, 60_000, 7_000]],
  ])('%s', (_, freezes) => {
    const clock = new SimulatedClock();
    let fired = 0;
    afterAwake(clock, () => fired++, 10_000);
    for (const ms of freezes) {
      clock.advance(1_000);
      clock.freeze(ms);
      clock.advance(0);
    }
    const passed = freezes.length === 0 ? 0 : 1_000;
    clock.advance(10_000 - passed - 1);
    expect(fired).toBe(0);
    clock.advance(5_000);
    expect([fired, clock.pending]).toEqual([1, 0]);
  });

  it('never comes once it is cancelled, which says how much was left', () => {
    const clock = new SimulatedClock();
    let fired = 0;
    const cancel = afterAwake(clock, () => fired++, 10_000);
    clock.advance(7_000);
    clock.freeze(60_000);
    expect(cancel()).toBe(5_000);
    clock.advance(60_000);
    expect([fired, clock.pending]).toEqual([0, 0]);
  });
});

test('a time is written as the standard says, whatever came before it', () => {
  const near = fc.integer({ min: -3_000, max: 3_000 });
  const far = fc.integer({ min: -8.64e15, max: 8.64e15 });
  const parts = fc.double({ min: -2_000, max: 2_000, noNaN: true });
  fc.assert(
    fc.property(fc.array(fc.oneof(near, far, parts)), times => {
      for (const now of times) {
        const text = isoTime({ ...systemClock, now: () => now });
        expect(text).toBe(new Date(now).toISOString());
        expect(timeOf(text) + 0).toBe(new Date(now).getTime() + 0);
      }
    }),
  );
});
