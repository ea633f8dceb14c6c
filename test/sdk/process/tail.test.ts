import { fc, test as prop } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { tail } from '../../../src/sdk/process/tail.ts';

prop.prop([fc.array(fc.uint8Array({ maxLength: 30 })), fc.integer({ min: 1, max: 40 })])(
  'the tail is the end of everything pushed, and no longer than the limit',
  (chunks, limit) => {
    const kept = tail(limit);
    for (const chunk of chunks) kept.push(Buffer.from(chunk.map(byte => byte % 0x80)));
    const all = Buffer.concat(chunks.map(chunk => Buffer.from(chunk.map(byte => byte % 0x80)))).toString();
    expect(kept.text()).toBe(all.slice(-limit));
    expect(kept.text()).toBe(all.slice(-limit));
  },
);

test('it starts at a character boundary', () => {
  const kept = tail(4);
  kept.push(Buffer.from('xäöü'));
  expect(kept.text()).toBe('öü');
  kept.push(Buffer.from('z'));
  expect(kept.text()).toBe('üz');
});

test('it does not retain large chunks', () => {
  const kept = tail(10);
  kept.push(Buffer.alloc(1_000_000, 'x'));
  kept.push(Buffer.from('end'));
  expect(kept.text()).toBe('xxxxxxxend');
});
