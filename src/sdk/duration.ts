import { z } from 'zod';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const PATTERN = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;

/** Parses `500ms`, `5s`, `10m`, `2h` or `30d` into milliseconds; undefined for any other text. */
export function parseDuration(text: string): number | undefined {
  const [, amount, unit] = PATTERN.exec(text.trim()) ?? [];
  const factor = unit === undefined ? undefined : UNITS[unit];
  return amount === undefined || factor === undefined ? undefined : Number(amount) * factor;
}

/** A duration as users write it: text with a unit, or a number of milliseconds. Parses to milliseconds. */
export const Duration = z
  .union(
    [z.number().nonnegative(), z.string().regex(PATTERN, 'expected a duration such as 500ms, 5s, 10m or 2h')],
    {
      error: 'expected a duration such as 500ms, 5s, 10m or 2h, or a number of milliseconds',
    },
  )
  .transform(value => (typeof value === 'number' ? value : (parseDuration(value) ?? 0)))
  .meta({ description: 'A duration: 500ms, 5s, 10m, 2h, 30d, or a number of milliseconds' });
