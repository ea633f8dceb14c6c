import { describe, expect, test } from 'vitest';
import type { SessionError } from '../../../../machines/vocabulary.ts';
import { watchAttempt } from '../../../../src/sdk/group/attempt/watchdog.ts';
import { SimulatedClock } from '../../../../src/sdk/simulated-clock.ts';

function watching(limits = { idle: 10_000, attempt: 60_000 }) {
  const clock = new SimulatedClock();
  const errors: SessionError[] = [];
  const watchdog = watchAttempt(clock, limits, error => errors.push(error));
  return { clock, watchdog, codes: () => errors.map(error => error.code) };
}

test('an attempt with output now and then is not idle', () => {
  const { clock, watchdog, codes } = watching();
  for (let i = 0; i < 5; i++) {
    clock.advance(9_999);
    watchdog.touch();
  }
  expect(codes()).toEqual([]);
  clock.advance(9_999);
  expect(codes()).toEqual([]);
  clock.advance(1);
  expect(codes()).toEqual(['idle_timeout']);
});

test('a sign of life creates no timer', () => {
  const { clock, watchdog } = watching();
  for (let i = 0; i < 1_000; i++) watchdog.touch();
  expect(clock.pending).toBe(1);
});

test('an attempt times out despite output, and the watchdog fires once', () => {
  const { clock, watchdog, codes } = watching();
  for (let i = 0; i < 100; i++) {
    clock.advance(1_000);
    watchdog.touch();
  }
  expect(codes()).toEqual(['attempt_timeout']);
  expect(clock.pending).toBe(0);
});

test('the idle timeout is suspended while a person is asked, even if the agent reports something else', () => {
  const { clock, watchdog, codes } = watching();
  watchdog.hold();
  clock.advance(5_000);
  watchdog.touch();
  clock.advance(40_000);
  expect(codes()).toEqual([]);
  watchdog.release();
  clock.advance(9_999);
  expect(codes()).toEqual([]);
  clock.advance(1);
  expect(codes()).toEqual(['idle_timeout']);
});

test('no timer is armed after stop, even if a person answers late', () => {
  const { clock, watchdog, codes } = watching();
  watchdog.hold();
  watchdog.stop();
  watchdog.release();
  expect(clock.pending).toBe(0);
  clock.advance(100_000);
  expect(codes()).toEqual([]);
});

describe('a process that was frozen', () => {
  test.each([11_000, 60_000, 3_600_000])('for %s ms: the silence is measured again', frozenMs => {
    const { clock, watchdog, codes } = watching();
    clock.advance(4_000);
    clock.freeze(frozenMs);
    clock.advance(9_999);
    expect(codes()).toEqual([]);
    watchdog.touch();
    clock.advance(9_999);
    expect(codes()).toEqual([]);
    clock.advance(1);
    expect(codes()).toEqual(['idle_timeout']);
  });

  test('for less than the idle timeout: it is no silence either', () => {
    const { clock, codes } = watching();
    clock.advance(4_000);
    clock.freeze(8_000);
    clock.advance(9_999);
    expect(codes()).toEqual([]);
    clock.advance(1);
    expect(codes()).toEqual(['idle_timeout']);
  });

  test('for a small part of a long idle timeout: it is no silence either, nor the time of the attempt', () => {
    const { clock, watchdog, codes } = watching({ idle: 600_000, attempt: 3_600_000 });
    for (let i = 0; i < 9; i++) {
      clock.advance(50_000);
      clock.freeze(60_000);
    }
    clock.advance(599_999);
    expect(codes()).toEqual([]);
    watchdog.hold();
    clock.freeze(3_000_000);
    clock.advance(2_400_000);
    expect(codes()).toEqual([]);
    clock.advance(200_000);
    expect(codes()).toEqual(['attempt_timeout']);
  });

  test('has not used up the time of the attempt', () => {
    const { clock, watchdog, codes } = watching();
    clock.freeze(3_600_000);
    for (let i = 0; i < 57; i++) {
      clock.advance(1_000);
      watchdog.touch();
    }
    expect(codes()).toEqual([]);
    clock.advance(4_000);
    expect(codes()).toEqual(['attempt_timeout']);
  });

  test('while a person was asked: nothing times out', () => {
    const { clock, watchdog, codes } = watching();
    watchdog.hold();
    clock.freeze(50_000);
    clock.advance(1_000);
    watchdog.release();
    clock.advance(9_000);
    expect(codes()).toEqual([]);
  });

  test('has not used up the time of the attempt when the answer is the first that is heard', () => {
    const { clock, watchdog, codes } = watching();
    watchdog.hold();
    clock.freeze(3_600_000);
    watchdog.release();
    clock.advance(1_000);
    expect(codes()).toEqual([]);
  });
});
