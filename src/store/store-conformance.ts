import { asynchronousCases } from './conformance/asynchronous-cases.ts';
import type { StoreConformanceCase, StoreFixture } from './conformance/conformance-case.ts';
import { historyCases } from './conformance/history-cases.ts';
import { listingCases } from './conformance/listing-cases.ts';
import { ownershipCases } from './conformance/ownership-cases.ts';
import { redefinitionCases } from './conformance/redefinition-cases.ts';
import { removalCases } from './conformance/removal-cases.ts';

/**
 * Registers every case with the given `test` function of any framework, such as vitest or node:test, each with a fixture
 * of its own.
 *
 * @example
 * storeConformance('my store', async () => ({ store: await open(), killOwner, cleanup }), { test });
 */
export function storeConformance(
  name: string,
  makeFixture: () => StoreFixture | Promise<StoreFixture>,
  { test }: { readonly test: (name: string, run: () => Promise<void>) => unknown },
): void {
  for (const one of storeConformanceCases) {
    test(`${name}: ${one.name}`, async () => {
      const fixture = await makeFixture();
      try {
        await one.run(fixture);
      } finally {
        await fixture.cleanup?.();
      }
    });
  }
}

/** The rules of `GroupStore` and `Journal`, as cases that throw when a store breaks one. */
export const storeConformanceCases: readonly StoreConformanceCase[] = [
  ...listingCases,
  ...ownershipCases,
  ...historyCases,
  ...asynchronousCases,
  ...removalCases,
  ...redefinitionCases,
];
