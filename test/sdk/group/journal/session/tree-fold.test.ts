import { describe, expect, test } from 'vitest';
import { applyToTree, type TreeFold } from '../../../../../src/sdk/group/journal/session/tree-fold.ts';

const id = (digit: string): string => digit.repeat(40);
const order = { commit: id('9'), from: id('1') };
const saved = (tree: TreeFold) => applyToTree(tree, { type: '_result', sessionId: 'a', order });

/** An engine may die between a result and the list of what it changes: the next one lists the same. */
describe('the changes of a result are counted', () => {
  test('from what has been merged into its tree', () => {
    const merge = { result: id('1'), onto: id('2'), commit: id('3') };
    expect(saved({ from: id('8'), merge })).toMatchObject({ from: id('2'), merge: undefined, result: order });
  });

  test('from what it was in conflict with, which it contains now', () => {
    const conflict = { ours: id('1'), theirs: id('4'), files: ['a.txt'] };
    const merge = { result: id('1'), onto: id('2'), commit: id('3') };
    expect(saved({ merge, conflict })).toMatchObject({ from: id('4'), conflict: undefined });
  });

  test('from the same as before, if it has taken in nothing since', () => {
    expect(saved(saved({ from: id('8') }))).toMatchObject({ from: id('8') });
    expect(saved({ merge: { result: id('1'), onto: null, commit: id('1') }, from: id('8') })).toMatchObject({
      from: id('8'),
    });
  });
});
