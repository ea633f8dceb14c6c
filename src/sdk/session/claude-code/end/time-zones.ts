/** Converts between instants and wall times, which are the dates whose UTC parts are what a clock there shows. */
export interface Zone {
  wallAt(instant: number): Date;
  instantOf(wall: number): number;
}

/** Hours from UTC. */
const ABBREVIATIONS: Readonly<Record<string, number>> = {
  ...{ UTC: 0, GMT: 0, Z: 0, EST: -5, EDT: -4, CST: -6, CDT: -5, MST: -7, MDT: -6, PST: -8, PDT: -7 },
};
const NAMES: Readonly<Record<string, string>> = {
  ET: 'America/New_York',
  CT: 'America/Chicago',
  MT: 'America/Denver',
  PT: 'America/Los_Angeles',
};

/**
 * The zone of that name: of the IANA, an offset, or an abbreviation of the US; without a name the local one. Other
 * abbreviations stand for several zones, so they are none.
 */
export function zoneOf(name?: string): Zone | undefined {
  if (name === undefined) return zoned(new Intl.DateTimeFormat('en-US', PARTS));
  const given = name.trim().toUpperCase();
  const hours = Object.hasOwn(ABBREVIATIONS, given) ? ABBREVIATIONS[given] : undefined;
  if (hours !== undefined) return shifted(hours * 3_600_000);
  const [, sign, hour, minute] = /^([+-])(\d\d):?(\d\d)$/.exec(given) ?? [];
  if (sign !== undefined) {
    return shifted((Number(hour) * 60 + Number(minute)) * (sign === '-' ? -60_000 : 60_000));
  }
  const timeZone = Object.hasOwn(NAMES, given) ? NAMES[given] : given;
  if (timeZone === undefined || !timeZone.includes('/')) return undefined;
  try {
    return zoned(new Intl.DateTimeFormat('en-US', { ...PARTS, timeZone }));
  } catch {
    return undefined; // there is no such zone
  }
}

const shifted = (offset: number): Zone => ({
  wallAt: instant => new Date(instant + offset),
  instantOf: wall => wall - offset,
});

const PARTS = {
  hourCycle: 'h23',
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
  hour: 'numeric',
  minute: 'numeric',
} as const satisfies Intl.DateTimeFormatOptions;

function zoned(format: Intl.DateTimeFormat): Zone {
  const wallAt = (instant: number): Date => {
    const parts = new Map(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
    const of = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
    return new Date(Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute')));
  };
  return {
    wallAt,
    // The offset is not known in advance: two steps find it, also across a change of the clocks.
    instantOf: wall => [1, 2].reduce(instant => instant + wall - wallAt(instant).getTime(), wall),
  };
}
