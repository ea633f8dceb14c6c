import { describe, expect, it } from 'vitest';
import { resetTimeIn } from '../../../../../src/sdk/session/claude-code/end/reset-time.ts';

const HOUR = 3_600_000;
/** 13:00 in Berlin, 07:00 in New York. */
const NOW = Date.UTC(2026, 10, 28, 12);

describe('the reset time in a text', () => {
  it.each([
    ['resets 3:45pm (UTC)', 3.75],
    ['resets 11am (UTC)', 23],
    ['resets 12pm (UTC)', 24],
    ['resets 12am (UTC)', 12],
    ['resets 3am (Europe/Berlin)', 14],
    ['resets 2pm (Europe/Berlin)', 1],
    ['will reset at 8am (America/New_York)', 1],
    ['resets 15:45 (UTC)', 3.75],
    ['resets at 1 PM (UTC)', 1],
    ['resets Nov 30, 1pm (UTC)', 49],
    ['resets Nov 30 at 1pm (UTC)', 49],
    ['resets Dec 1, 2026, 12pm (UTC)', 72],
    ['resets 3.45pm (UTC)', 3.75],
    ['resets 3:45 p.m. (UTC)', 3.75],
    ['resets 15:45 UTC', 3.75],
    ['resets 1 Dec 12pm (UTC)', 72],
    ['resets in 2 hours', 2],
    ['resets in 30 minutes.', 0.5],
    ['resets 2026-11-28T14:00:00Z', 2],
    ['resets at 2026-11-28T16:00+02:00', 2],
    ['resets 3pm (UTC) · /upgrade for more', 3],
  ])('%s is in %d hours', (text, hours) => expect(resetTimeIn(text, NOW)).toBe(NOW + hours * HOUR));

  it('takes a date of the next year', () => {
    const now = Date.UTC(2026, 11, 30);
    expect(resetTimeIn('resets Jan 2, 1am (UTC)', now)).toBe(Date.UTC(2027, 0, 2, 1));
  });

  it('takes the next such time of day where the clocks change in between', () => {
    const eve = Date.UTC(2026, 2, 28, 23); // midnight in Berlin, two hours before the change
    expect(resetTimeIn('resets 4am (Europe/Berlin)', eve)).toBe(Date.UTC(2026, 2, 29, 2));
    const autumn = Date.UTC(2026, 9, 24, 22); // midnight in Berlin
    expect(resetTimeIn('resets 4am (Europe/Berlin)', autumn)).toBe(Date.UTC(2026, 9, 25, 3));
  });

  it('takes the local time without a zone', () => {
    const at = resetTimeIn('resets 3:45pm', NOW);
    const local = new Date(at ?? 0);
    expect([local.getHours(), local.getMinutes()]).toEqual([15, 45]);
    expect(at).toBeGreaterThan(NOW);
    expect(at).toBeLessThanOrEqual(NOW + 25 * HOUR);
  });

  it.each([
    'resets 25:00',
    'resets 13pm',
    'resets 0am',
    'resets 3:75pm',
    'resets 3am (Mars/Phobos)',
    'resets Foo 3, 3am',
    'resets Feb 31, 3am',
    'resets Nov 27, 3am (UTC)',
    'resets Nov 27, 2026, 3am (UTC)',
    'resets Dec 1, 2031, 3am (UTC)',
    'resets soon',
    'resets 3 PM PST',
    'resets 3pm (UTC+2)',
    'resets 3pm UTC+2',
    'resets 3pm tomorrow',
    'resets Mon 9am',
    'resets tomorrow at 9am',
    'resets 2026-11-29 09:00',
    'resets 3',
    'resets in 2 hours and 5 minutes',
    'limit reached|1000000000',
    '',
  ])('%s names no time to wait for', text => expect(resetTimeIn(text, NOW)).toBeUndefined());
});
