import { expect, test } from 'vitest';
import { errorWords, restOfError } from '../../src/words/error-words.ts';

test.each<[string, string, string]>([
  ['failed', 'c: failed', ''],
  ['npm test: exit code 1\n\n  one\ntwo\n', 'c: npm test: exit code 1 …', '  one\ntwo'],
  ['first\r\nsecond', 'c: first …', 'second'],
  ['\nfirst\rsecond\n\n', 'c: first …', 'second'],
  ['', 'c: ', ''],
])('%j is its first line, and the rest', (message, words, rest) => {
  expect([errorWords({ code: 'c', message }), restOfError({ message })]).toEqual([words, rest]);
});
