/** When a limit is reset, as the client's message about it says. */

const TIME =
  /\bresets?\b(?: at| on)? +(?:(?<date>[A-Z][a-z]{2,8} \d{1,2}(?:, \d{4})?|\d{1,2} [A-Z][a-z]{2,8}(?: \d{4})?)(?:,| at)? +)?(?<hour>\d{1,2})(?:[:.](?<minute>\d{2}))? *(?<half>[ap]\.?m\b\.?)?(?: *\((?<inZone>[^)\n]+)\)| *(?<zone>UTC|GMT)\b(?![+-]))?(?<rest>[^\n]*)/i;
/** Whatever else is said right after a time may change it. */
const NO_MORE = /^(?:$| *[.,;·∙|]$| *[.;·∙|] )/;
const INSTANT =
  /\bresets?\b(?: at| on)? +(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))(?![\w:])/i;
const SPAN = /\bresets?\b in +(\d{1,3}) *(hours?|hrs?|h|minutes?|mins?|m)(?:[.;·∙|\n]|$)/i;
/** Older clients: `Claude AI usage limit reached|1760000000`. */
const EPOCH = /\|(\d{10})\b/;
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAY = 86_400_000;
/** No limit lasts longer than a month; a date further away belongs to the year before. */
const FURTHEST = 32 * DAY;

/**
 * When the limit in this text is reset, epoch milliseconds: the next such time in the zone that it names, else in the
 * local one. Undefined if it names none, nonsense, or a time that has passed.
 */
export function resetTimeIn(text: string, now: number): number | undefined {
  const epoch = EPOCH.exec(text)?.[1];
  if (epoch !== undefined) return ahead(Number(epoch) * 1_000, now);
  const instant = INSTANT.exec(text)?.[1];
  if (instant !== undefined) return ahead(Date.parse(instant), now);
  const [, span, unit = ''] = SPAN.exec(text) ?? [];
  if (span !== undefined) return ahead(now + Number(span) * (/^h/i.test(unit) ? 3_600_000 : 60_000), now);
  const { date, hour, minute, half, inZone, zone = inZone, rest = '' } = TIME.exec(text)?.groups ?? {};
  if (!NO_MORE.test(rest) || (minute === undefined && half === undefined)) return undefined;
  const time = hour === undefined ? undefined : timeOfDay(Number(hour), Number(minute ?? 0), half);
  const format = formatIn(zone);
  if (!time || !format) return undefined;
  const today = wallTime(format, now);
  if (date === undefined) {
    const at = [0, 1].map(days => instantOf(format, { ...today, ...time, day: today.day + days }));
    return at.find(instant => instant > now);
  }
  const [first = '', second = '', year] = date.split(/[ ,]+/);
  const [month, day] = /^\d/.test(first) ? [second, first] : [first, second];
  const index = MONTHS.indexOf(month.slice(0, 3).toLowerCase());
  const years = (year === undefined ? [today.year, today.year + 1] : [Number(year)]).filter(
    y => index >= 0 && new Date(Date.UTC(y, index, Number(day))).getUTCDate() === Number(day),
  );
  const at = years.map(y => instantOf(format, { ...time, year: y, month: index, day: Number(day) }));
  return at.map(instant => ahead(instant, now)).find(instant => instant !== undefined);
}

/** A time to wait for; undefined for one that has passed, or that no limit would have. */
export const ahead = (instant: number, now: number): number | undefined =>
  instant > now && instant - now <= FURTHEST ? instant : undefined;

interface WallTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
}

function timeOfDay(
  hour: number,
  minute: number,
  half: string | undefined,
): Pick<WallTime, 'hour' | 'minute'> | undefined {
  if (minute > 59) return undefined;
  if (half === undefined) return hour > 23 ? undefined : { hour, minute };
  if (hour < 1 || hour > 12) return undefined;
  return { hour: (hour % 12) + (/^p/i.test(half) ? 12 : 0), minute };
}

/** Undefined if there is no such zone. */
function formatIn(zone: string | undefined): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat('en-US', {
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      ...(zone === undefined ? {} : { timeZone: zone.trim() }),
    });
  } catch {
    return undefined;
  }
}

function wallTime(format: Intl.DateTimeFormat, instant: number): WallTime {
  const parts = new Map(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
  const of = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
  return {
    year: of('year'),
    month: of('month') - 1,
    day: of('day'),
    hour: of('hour'),
    minute: of('minute'),
  };
}

/** The zone's offset is not known in advance: two steps find it, also across a change of the clocks. */
function instantOf(format: Intl.DateTimeFormat, wall: WallTime): number {
  const wanted = utcOf(wall);
  let instant = wanted;
  for (let step = 0; step < 2; step += 1) instant += wanted - utcOf(wallTime(format, instant));
  return instant;
}

const utcOf = ({ year, month, day, hour, minute }: WallTime): number =>
  Date.UTC(year, month, day, hour, minute);
