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
    ['resets 3pm (UTC)\n/upgrade for more', 3],
    ['resets 3 PM PST', 11],
    ['resets at 3:45 p.m. PDT', 10.75],
    ['resets 8:00 AM (EST)', 1],
    ['resets 9am PT', 5],
    ['resets 3pm Europe/Berlin', 2],
    ['resets 15h (UTC)', 3],
    ['resets at 15h45 UTC', 3.75],
    ['resets midnight (UTC)', 12],
    ['resets at UTC midnight', 12],
    ['resets noon America/New_York', 5],
    ['Try again at 3:45 PM (UTC).', 3.75],
    ['Please retry after 3pm UTC', 3],
    ['resets in 2h 15m', 2.25],
    ['resets in 2h15m · /upgrade', 2.25],
    ['resets in 2 hours and 5 minutes', 2 + 1 / 12],
    ['resets in 1 day, 3 hours.', 27],
    ['resets in 2 days', 48],
    ['resets in 1.5 hours', 1.5],
    ['resets in about an hour', 1],
    ['try again in 90 seconds', 0.025],
    ['Limit reached. Retry after 30 seconds.', 1 / 120],
    // 28 November 2026 is a Saturday.
    ['resets Tue 9am (UTC)', 69],
    ['resets Monday at 9:00 am (UTC)', 45],
    ['resets Sat 3pm (UTC)', 3],
    ['resets Saturday 9am (UTC)', 165],
    ['resets Tue, Dec 1, 9am (UTC)', 69],
    ['resets Monday (UTC)', 36],
    ['resets tomorrow at 3pm (UTC)', 27],
    ['resets 3pm tomorrow UTC', 27],
    ['resets today at 3pm UTC', 3],
    ['resets Nov 30 (UTC)', 36],
    ['resets November 30th at 1pm UTC', 49],
    ['resets 2026-11-29 15:45 UTC', 27.75],
    ['resets 2026-11-29 15:45:30+01:00', 26.75],
    ['resets 2026-11-28T14:00:00.000Z', 2],
    ['resets 2026-12-01T09:00:00-0500', 74],
    ['resets at 1795874400', 2],
    ['resets 1795874400000', 2],
    ['limit reached|1795874400', 2],
    ['resets soon. Try again in 2 hours.', 2],
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
    'resets 3pm (UTC+2)',
    'resets 3pm UTC+2',
    'resets 3',
    'limit reached|1000000000',
    'resets 3pm CET',
    'resets 3pm IST',
    'resets 3pm (BST)',
    'resets 3pm or later',
    'resets 3pm, maybe',
    'resets 3pm next week',
    'resets next Monday',
    'resets 3pm 4pm (UTC)',
    'resets Mon Tue 9am',
    'resets Monday, Dec 1, 9am (UTC)',
    'resets today (UTC)',
    'resets today at 9am (UTC)',
    'resets 24:00',
    'resets 25h',
    'resets in 0 seconds',
    'resets in 3 months',
    'resets in 99999 days',
    'resets in a while',
    'resets in 2 days at 3pm',
    'resets 2026-13-01 09:00',
    'resets 2026-11-31 09:00 UTC',
    'resets 2026-11-27T09:00:00Z',
    'resets 99999999999999',
    'resets 1795000000',
    'resets (UTC)',
    'resets every day at midnight',
    'try again later',
    '',
  ])('%s names no time to wait for', text => expect(resetTimeIn(text, NOW)).toBeUndefined());
});
