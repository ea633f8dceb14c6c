import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { KEYS } from '../../../src/cli/live/view-state.ts';

/* docs/live-view.md and the help of the live view name the same keys. */

const DOC = readFileSync(new URL('../../../docs/live-view.md', import.meta.url), 'utf8');
const ROWS = [...(DOC.split('## Keys')[1]?.split('\n## ')[0] ?? '').matchAll(/^\| (.+?) \| (.*) \|$/gm)]
  .map(([, keys = '', words = '']) => ({ keys: keys.replaceAll('`', '').split(/[ ,]+/), words }))
  .filter(({ keys }) => keys[0] !== 'keys' && keys[0] !== '---');
const HELP = KEYS.map(([keys, words]) => ({ keys: keys.split(/ +/), words }));

test('each key of the live view has its row in the document, and no other has one', () => {
  expect(ROWS.map(({ keys }) => keys)).toEqual(HELP.map(({ keys }) => keys));
});

test('the document says of each key what the help says', () => {
  const said = (words: string): string[] => words.match(/[\w-]+/g) ?? [];
  // The document may say more, and names the list that the help is.
  const missing = HELP.map(({ words }, index) => {
    const all = said(ROWS[index]?.words ?? '');
    return said(words.replace('this help', 'the list of keys')).filter(word => !all.includes(word));
  });
  expect(missing.flat()).toEqual([]);
});
