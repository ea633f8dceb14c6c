import { z } from 'zod';

/** The amounts that are limits, in USD: from a micro-dollar, the unit of account, to what no group spends. */
const LEAST = 0.000_001;
const MOST = 1_000_000_000;

const expected =
  (otherwise: string) =>
  ({ input }: { readonly input?: unknown }): string =>
    typeof input === 'number' && input > 0
      ? `expected an amount in USD from ${LEAST.toFixed(6)} to ${MOST}${otherwise}`
      : `expected an amount in USD above 0${otherwise}`;

const amount = (error: ReturnType<typeof expected>) =>
  z.number({ error }).min(LEAST, { error }).max(MOST, { error });

/** A limit in USD. */
export const Usd = amount(expected(''));
/** A limit in USD that may be none. */
const orNone = expected(', or none');
export const UsdLimit = z.union([amount(orNone), z.literal('none')], { error: orNone });
