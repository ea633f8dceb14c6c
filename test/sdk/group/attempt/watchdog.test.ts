import { expect, test } from 'vitest';
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
  expect(clock.pending).toBe(2);
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
