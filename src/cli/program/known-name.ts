import { sentence } from '../../sdk/format.ts';
import { didYouMean } from '../../sdk/group/document/suggest.ts';
import { UsageError } from '../exit-codes.ts';
import { oneOf } from './options.ts';

/** @throws UsageError with a suggestion if it is none of these names. */
export function knownName<T extends string>(what: string, word: string, names: readonly T[]): T {
  const found = names.find(name => name === word);
  if (found !== undefined) return found;
  const hint = didYouMean(word, names) ?? `use ${oneOf(names)}`;
  throw new UsageError(`there is no ${what} "${word}"`, sentence(hint));
}
