import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { BUNDLER_ROWS, NEXT_ROW, NODE_ROWS, tableOf } from './host-rows.ts';

it('docs/bundlers.md has the hosts that are tested, each with the result that the tests expect', () => {
  const text = readFileSync(new URL('../../docs/bundlers.md', import.meta.url), 'utf8');
  expect(text).toContain(`\n\n${tableOf([...NODE_ROWS, ...BUNDLER_ROWS, NEXT_ROW])}\n`);
});
