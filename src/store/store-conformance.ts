import type { StoreConformanceCase, StoreFixture } from './conformance/conformance-case.ts';
import { historyCases } from './conformance/history-cases.ts';
import { listingCases } from './conformance/listing-cases.ts';
import { ownershipCases } from './conformance/ownership-cases.ts';
import { redefinitionCases } from './conformance/redefinition-cases.ts';
import { removalCases } from './conformance/removal-cases.ts';

/** Registers every case with the given `test` function of any framework, each with a fixture of its own. */
export function storeConformance(
  name: string,
  makeFixture: () => StoreFixture,
  { test }: { readonly test: (name: string, run: () => Promise<void>) => unknown },
): void {
  for (const one of storeConformanceCases) test(`${name}: ${one.name}`, () => one.run(makeFixture()));
}

/** The rules of the port (STORE-1 to STORE-5 in store.ts), as cases that throw when a store breaks one. */
export const storeConformanceCases: readonly StoreConformanceCase[] = [
  ...listingCases,
  ...ownershipCases,
  ...historyCases,
  ...removalCases,
  ...redefinitionCases,
];
