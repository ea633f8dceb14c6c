import { z } from 'zod';
import { DURATION, parseDuration } from './format.ts';

/** A duration as users write it: text with a unit, or a number of milliseconds. Parses to milliseconds. */
export const Duration = z
  .union(
    [
      z.number().nonnegative(),
      z.string().regex(DURATION, 'expected a duration such as 500ms, 5s, 10m or 2h'),
    ],
    {
      error: 'expected a duration such as 500ms, 5s, 10m or 2h, or a number of milliseconds',
    },
  )
  .transform(value => (typeof value === 'number' ? value : (parseDuration(value) ?? 0)))
  .meta({ description: 'A duration: 500ms, 5s, 10m, 2h, 30d, or a number of milliseconds' });
