import { z } from 'zod';
import { LEAST_USD, MOST_USD, usdProblem } from './format.ts';

const amount = (error: ReturnType<typeof expected>) =>
  z.number({ error }).min(LEAST_USD, { error }).max(MOST_USD, { error });

const expected =
  (orNone: boolean) =>
  ({ input }: { readonly input?: unknown }): string | undefined =>
    usdProblem(input, orNone);

/** A limit in USD. */
export const Usd = amount(expected(false));
/** A limit in USD that may be none. */
const orNone = expected(true);
export const UsdLimit = z.union([amount(orNone), z.literal('none')], { error: orNone });
