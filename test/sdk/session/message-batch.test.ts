import { expect, test } from 'vitest';
import { messageBatch } from '../../../src/sdk/session/message-batch.ts';
import { SimulatedClock } from '../../../src/sdk/simulated-clock.ts';

function batch() {
  const clock = new SimulatedClock();
  const messages: string[] = [];
  return { clock, messages, lines: messageBatch(text => messages.push(text), clock) };
}

test('each single line is a message at once, blank lines are skipped', () => {
  const { clock, messages, lines } = batch();
  lines.push('a');
  lines.push('  ');
  lines.push('b');
  expect(messages).toEqual(['a', 'b']);
  expect(clock.pending).toBe(0);
});

test('of many lines in a tenth of a second, those after the twentieth are joined', () => {
  const { clock, messages, lines } = batch();
  for (let n = 1; n <= 23; n += 1) lines.push(`line ${n}`);
  expect(messages).toHaveLength(20);
  clock.advance(100);
  expect(messages.slice(20)).toEqual(['line 21\nline 22\nline 23']);
  lines.push('next');
  expect(messages.at(-1)).toBe('next');
  expect(clock.pending).toBe(0);
});

test('what does not fit is counted, and flush emits what is buffered', () => {
  const { clock, messages, lines } = batch();
  for (let n = 1; n <= 20_000; n += 1) lines.push(`line ${n}`);
  lines.flush();
  expect(messages).toHaveLength(21);
  expect(messages.at(-1)).toMatch(/^line 21\n(?:line \d+\n)+\[\d+ more lines\]$/);
  expect(messages.at(-1)?.length).toBeLessThan(17_000);
  expect(clock.pending).toBe(0);
});

test('a long line is truncated with a note', () => {
  const { messages, lines } = batch();
  lines.push('x'.repeat(1_000_000));
  expect(messages[0]).toMatch(/^x+ \[\d+ more characters\]$/);
  expect(messages[0]?.length).toBeLessThanOrEqual(16 * 1024);
});
