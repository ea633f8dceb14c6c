import { describe, expect, it } from 'vitest';
import { CTRL_C } from '../../../src/cli/live/keys.ts';
import { keyReader } from '../../../src/cli/live/paste.ts';

const BEGIN = '\u001b[200~';
const END = '\u001b[201~';

/** What the pieces are as keys. */
function keysOf(...pieces: readonly string[]): string[] {
  const read = keyReader();
  return pieces.flatMap(piece => read(piece));
}

describe('what is marked as pasted', () => {
  const pasted = `${BEGIN}a${END}`;

  it.each(['a', 'aaa', 'rm the cache and re-run ma', '\u001b[A', '\r', ''])('is no key: %j', text => {
    expect(keysOf(`${BEGIN}${text}${END}`, 'd')).toEqual(['d']);
    expect(keysOf(...BEGIN, ...text, ...END, 'd').filter(key => key !== 'escape')).toEqual(['d']);
  });

  it('is none in whatever two pieces it comes, and what follows it is one', () => {
    for (let at = 0; at <= pasted.length; at += 1) {
      const keys = keysOf(pasted.slice(0, at), pasted.slice(at), 'd');
      expect(keys).toEqual(at === 1 ? ['escape', 'd'] : ['d']);
    }
  });

  it('is none beside what arrives with it, nor after another paste', () => {
    expect(keysOf(`a${pasted}a`, `${pasted}${BEGIN}a`, 'a', END, 'd')).toEqual(['d']);
  });

  it('contains Ctrl-C as a key', () => {
    expect(keysOf(`${BEGIN}a`, `a${CTRL_C}`, 'a')).toEqual([CTRL_C]);
  });
});

it('keys that begin like the mark of a paste are keys', () => {
  expect(keysOf('\u001b', 'a', '\u001b[A', '\u001b', '\u001b', '\u001b[', 'B', '\u001b[5~', 'd')).toEqual([
    ...['escape', 'a', 'up', 'escape', 'escape', 'down', 'pageup', 'd'],
  ]);
});
