import { type Zone, zoneOf } from './time-zones.ts';

/**
 * When a limit is reset, as the client's message about it says.
 * Invariant: a time is ahead and meant as it is read; whatever is said about it that is not understood makes it none.
 */

/** A message about a limit is short. */
const LONGEST = 5_000;
const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;
/** No limit lasts longer than a month; a date further away belongs to the year before. */
const FURTHEST = 32 * DAY;
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
/** By the first letters, which tell the units apart. */
const UNITS: readonly (readonly [string, number])[] = [
  ['w', 7 * DAY],
  ['d', DAY],
  ['h', 60 * MINUTE],
  ['m', MINUTE],
  ['s', 1_000],
];

/** What announces a time, and older clients' `Claude AI usage limit reached|1760000000`. */
const LEAD = /\b(?:resets?(?: again)?|(?:try|retry|available)(?: again)?)\b|(?=\|\d{10})/gi;
/** The end of what is said about it. */
const NO_MORE = /^\s*(?:$|[.;!)·∙•|\n]|,\s*$|[-–—] |\/[a-z])/;

const UNIT = '(?:weeks?|w|days?|d|hours?|hrs?|h|minutes?|mins?|m|seconds?|secs?|s)';
const SPAN = new RegExp(
  `^\\W{0,2}(?:in|after) +(?:about +|~ ?)?((?:(?:\\d{1,5}(?:\\.\\d+)?|(?:an?|one)(?= )) ?${UNIT}(?![a-z])(?:, and |,? and |, | )?)+)`,
  'i',
);
const PART = new RegExp(`(\\d+(?:\\.\\d+)?|(?:an?|one)(?= )) ?(${UNIT})(?![a-z])`, 'gi');
const EPOCH = /^[\s:|]*(?:at )?(\d{13}|\d{10})\b/i;

interface Said {
  /** Year, month (from 0; undefined year: the next such date). */
  date?: { readonly year?: number; readonly month: number; readonly day: number };
  weekday?: number;
  /** Days from today. */
  in?: number;
  /** Minutes of the day. */
  time?: number;
  zone?: Zone;
}
type Form = readonly [RegExp, (given: Readonly<Record<string, string>>) => Said | undefined];

const MONTH = '(?<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\\.?';
const YEAR = '(?:,? (?<year>\\d{4})(?![\\d:]))?';
const DAY_OF_MONTH = '(?<day>\\d{1,2})(?:st|nd|rd|th)?';
/** What may be said about a time, in any order, each once. */
const FORMS: readonly Form[] = [
  [/^(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)(?:T(?=\d)|(?![\w:-]))/i, dateOf],
  [new RegExp(`^${MONTH} ${DAY_OF_MONTH}(?![\\d:]| ?[ap]\\.?m)${YEAR}`, 'i'), dateOf],
  [new RegExp(`^${DAY_OF_MONTH} ${MONTH}(?![a-z])${YEAR}`, 'i'), dateOf],
  [
    /^(?<weekday>sun|mon|tue|wed|thu|fri|sat)(?:s|nes|rs|ur)?(?:day)?\b\.?/i,
    ({ weekday = '' }) => ({ weekday: DAYS.indexOf(weekday.toLowerCase()) }),
  ],
  [/^(?<word>today|tomorrow)\b/i, ({ word = '' }) => ({ in: /^tod/i.test(word) ? 0 : 1 })],
  [/^(?<word>midnight|noon)\b/i, ({ word = '' }) => ({ time: /^n/i.test(word) ? 720 : 0 })],
  [/^(?<hour>\d{1,2})(?:[:.](?<minute>\d\d))?(?::\d\d)? ?(?<half>[ap])(?:\.m\.|\.?m\b)/i, timeOf],
  [/^(?<hour>\d{1,2})[:h](?<minute>\d\d)(?::\d\d(?:\.\d+)?)?(?!\d)/i, timeOf],
  [/^(?<hour>\d{1,2})h\b/i, timeOf],
  [/^\((?<zone>[^)\n]+)\)/, inZone],
  [/^(?<zone>Z|UTC|GMT|[A-Z]{1,4}T|[+-]\d\d:?\d\d|[A-Z]\w+\/[\w/+-]+)(?![\w+-])/i, inZone],
];

/**
 * When the limit in this text is reset, epoch milliseconds: the next such time in the zone that it names, else in the
 * local one. Undefined if it names none, nonsense, or a time that has passed.
 */
export function resetTimeIn(text: string, now: number): number | undefined {
  const message = text.slice(0, LONGEST);
  for (const { index, 0: lead } of message.matchAll(LEAD)) {
    const at = instantIn(message.slice(index + lead.length), now);
    if (at !== undefined) return at;
  }
  return undefined;
}

/** A time to wait for; undefined for one that has passed, or that no limit would have. */
export const ahead = (instant: number, now: number): number | undefined =>
  instant > now && instant - now <= FURTHEST ? instant : undefined;

function instantIn(text: string, now: number): number | undefined {
  const epoch = EPOCH.exec(text);
  if (epoch?.[1] !== undefined) return ahead(Number(epoch[1]) * (epoch[1].length > 10 ? 1 : 1_000), now);
  const span = SPAN.exec(text);
  if (span?.[1] !== undefined) {
    const more = text.slice(span[0].trimEnd().length);
    return NO_MORE.test(more) ? ahead(now + durationOf(span[1]), now) : undefined;
  }
  const said = saidIn(text);
  return said && instantOf(said, now);
}

function durationOf(span: string): number {
  let duration = 0;
  for (const [, count = '', unit = ''] of span.matchAll(PART)) {
    const length = UNITS.find(([letter]) => unit.toLowerCase().startsWith(letter))?.[1] ?? 0;
    duration += (/^\d/.test(count) ? Number(count) : 1) * length;
  }
  return duration;
}

/** Undefined if something is said that is not understood, or contradicts itself. */
function saidIn(text: string): Said | undefined {
  let said: Said = {};
  let rest = text;
  while (true) {
    const next = rest.replace(/^(?:[\s,:]|\b(?:at|on|by|after|around)\b)+/i, '');
    const part = FORMS.map(([form, read]) => ({ match: form.exec(next), read })).find(({ match }) => match);
    if (!part?.match) break;
    const more = part.read(part.match.groups ?? {});
    if (more === undefined || Object.keys(more).some(key => Object.hasOwn(said, key))) return undefined;
    said = { ...said, ...more };
    rest = next.slice(part.match[0].length);
  }
  return NO_MORE.test(rest) ? said : undefined;
}

function dateOf({ year, month = '', day }: Readonly<Record<string, string>>): Said | undefined {
  const index = /^\d/.test(month) ? Number(month) - 1 : MONTHS.indexOf(month.toLowerCase());
  // 2028 has all days.
  const exists = new Date(Date.UTC(Number(year ?? 2028), index, Number(day))).getUTCDate() === Number(day);
  if (!exists || index > 11) return undefined;
  return { date: { ...(year === undefined ? {} : { year: Number(year) }), month: index, day: Number(day) } };
}

function timeOf({ hour: hours, minute = '0', half }: Readonly<Record<string, string>>): Said | undefined {
  const hour = Number(hours);
  const isHour = half === undefined ? hour <= 23 : hour >= 1 && hour <= 12;
  if (!isHour || Number(minute) > 59) return undefined;
  const inDay = half === undefined ? hour : (hour % 12) + (/^p/i.test(half) ? 12 : 0);
  return { time: inDay * 60 + Number(minute) };
}

function inZone({ zone: name = '' }: Readonly<Record<string, string>>): Said | undefined {
  const zone = zoneOf(name);
  return zone && { zone };
}

/** The first such time that is ahead. A day without a time of day begins at midnight. */
function instantOf(
  { date, weekday, in: days, time, zone = zoneOf() }: Said,
  now: number,
): number | undefined {
  const today = zone?.wallAt(now);
  if (!zone || !today || (date && days !== undefined)) return undefined;
  if (time === undefined && !date && weekday === undefined && days === undefined) return undefined;
  const [year, month, day] = [today.getUTCFullYear(), today.getUTCMonth(), today.getUTCDate()];
  const offsets = days === undefined ? [0, 1, 2, 3, 4, 5, 6, 7] : [days];
  const candidates = date
    ? (date.year === undefined ? [year, year + 1] : [date.year]).map(y => Date.UTC(y, date.month, date.day))
    : offsets.map(offset => Date.UTC(year, month, day + offset));
  return candidates
    .filter(one => !date || new Date(one).getUTCDate() === date.day)
    .filter(one => weekday === undefined || new Date(one).getUTCDay() === weekday)
    .map(one => ahead(zone.instantOf(one + (time ?? 0) * MINUTE), now))
    .find(instant => instant !== undefined);
}
