import { expect, test } from 'vitest';
import { visible } from '../../src/words/visible.ts';

test('VISIBLE-1 hidden characters are shown as names, and nothing else changes', () => {
  expect(visible('a\tb\nc é 漢 👍')).toBe('a\tb\nc é 漢 👍');
  expect(visible('\u0000\u001b[2K\r\u009b\u202e\u2066\u200b\ufeff\u{e0041}\u034f\ufe0f')).toBe(
    '<U+0000><U+001B>[2K<U+000D><U+009B><U+202E><U+2066><U+200B><U+FEFF><U+E0041><U+034F><U+FE0F>',
  );
});
