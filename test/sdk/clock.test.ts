import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../src/sdk/clock.ts';

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
