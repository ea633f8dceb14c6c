import fc from 'fast-check';
import { expect, test } from 'vitest';
import { didYouMean, nearest } from '../../../../src/sdk/group/document/suggest.ts';

test.each([
  ['promt', ['template', 'prompt', 'promptFile'], 'prompt'],
  ['PROMPT', ['prompt'], 'prompt'],
  ['tiemouts', ['timeouts'], 'timeouts'],
  ['rnu', ['run', 'plan'], 'run'],
  ['wen', ['session', 'when'], 'when'],
  ['a', ['b', 'a1'], 'b'],
  ['completely', ['different'], undefined],
  ['', ['a'], undefined],
  ['x'.repeat(101), ['x'.repeat(100)], undefined],
])('for %s of %j the suggestion is %s', (word, candidates, suggestion) => {
  expect(nearest(word, candidates)).toBe(suggestion);
});

test('a suggestion is a question', () => {
  expect(didYouMean('promt', ['prompt'])).toBe('did you mean "prompt"?');
  expect(didYouMean('x', [])).toBeUndefined();
});

test('one edit of a word of three letters or more leads back to it', () => {
  fc.assert(
    fc.property(
      fc.stringMatching(/^[a-z]{3,12}$/),
      fc.nat(11),
      fc.constantFrom('drop', 'swap', 'add', 'change'),
      (word, n, edit) => {
        const at = n % word.length;
        const [before, here, after] = [word.slice(0, at), word.charAt(at), word.slice(at + 1)];
        const edited = {
          drop: before + after,
          swap: before + after.charAt(0) + here + after.slice(1),
          add: `${before}${here}_${after}`,
          change: `${before}_${after}`,
        }[edit];
        expect(nearest(edited, [word])).toBe(word);
      },
    ),
  );
});
