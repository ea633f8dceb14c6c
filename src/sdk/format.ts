/** Numbers as people read and write them. Like src/words, this file imports no values, so that a browser can load it too. */

/** `$0.42`; amounts below a cent get four digits; `~` marks an estimate. */
export function formatUsd(usd: number, estimated = false): string {
  const digits = usd > 0 && usd < 0.01 ? 4 : 2;
  return `${estimated ? '~' : ''}$${usd.toFixed(digits)}`;
}

/** The sum of all kinds: `950`, `12.3k`, `4.5M`. */
export function formatTokens(tokens: {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
}): string {
  const sum = tokens.input + tokens.output + tokens.cacheRead + tokens.cacheWrite;
  if (sum < 1_000) return String(sum);
  return sum < 999_950 ? `${(sum / 1_000).toFixed(1)}k` : `${(sum / 1_000_000).toFixed(1)}M`;
}

/** `1h 02m`, `3m 05s`, `4.2s`, `120ms`. */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)}ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)}s`;
  const seconds = Math.round(ms / 1_000);
  const [h, m, s] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h > 0 ? `${h}h ${String(m).padStart(2, '0')}m` : `${m}m ${String(s).padStart(2, '0')}s`;
}

/** A fragment that ends with a command to copy, as the beginning of a line. */
export const capitalized = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);

/** A fragment, such as a message or a suggestion, as a sentence. */
export function sentence(words: string): string {
  const begun = capitalized(words);
  return /[.!?}]$/.test(begun) ? begun : `${begun}.`;
}

/** Whole seconds, so that a running display doesn't flicker. */
export function formatElapsed(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  return seconds < 60 ? `${seconds}s` : formatDuration(seconds * 1_000);
}

/** The time left until `until`, rounded up so that it reaches 0s only at the end. */
export function formatUntil(until: number, now: number): string {
  return formatElapsed(Math.ceil(Math.max(0, until - now) / 1_000) * 1_000);
}

/** `14:05` in the local time zone. */
export function formatClock(epochMs: number): string {
  const date = new Date(epochMs);
  return `${String(date.getHours()).padStart(2, '0')}:${String(date.getMinutes()).padStart(2, '0')}`;
}

/** `14:05:09` in the local time zone. */
export function formatTime(epochMs: number): string {
  return `${formatClock(epochMs)}:${String(new Date(epochMs).getSeconds()).padStart(2, '0')}`;
}

/** `2026-01-31` in the local time zone. */
export function formatDay(epochMs: number): string {
  const date = new Date(epochMs);
  const [month, day] = [date.getMonth() + 1, date.getDate()].map(part => String(part).padStart(2, '0'));
  return `${date.getFullYear()}-${month}-${day}`;
}

/** `1 session`, `3 sessions`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** `512 bytes`, `24.0 MiB`, `1.5 GiB`. */
export function formatBytes(bytes: number): string {
  for (const [unit, size] of [
    ['GiB', 1024 ** 3],
    ['MiB', 1024 ** 2],
    ['KiB', 1024],
  ] as const) {
    if (bytes >= size) return `${(bytes / size).toFixed(1)} ${unit}`;
  }
  return counted(bytes, 'byte');
}

/** A duration as users write it. */
export const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;
const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Parses `500ms`, `5s`, `10m`, `2h` or `30d` into milliseconds; undefined for any other text. */
export function parseDuration(text: string): number | undefined {
  const [, amount, unit] = DURATION.exec(text.trim()) ?? [];
  const factor = unit === undefined ? undefined : UNITS[unit];
  return amount === undefined || factor === undefined ? undefined : Number(amount) * factor;
}

/** The amounts that are limits, in USD: from a micro-dollar, the unit of account, to what no group spends. */
export const LEAST_USD = 0.000_001;
export const MOST_USD = 1_000_000_000;

/** Why this is no limit in USD; undefined if it is one. `orNone`: there may also be none. */
export function usdProblem(input: unknown, orNone = false): string | undefined {
  const otherwise = orNone ? ', or none' : '';
  if (typeof input !== 'number' || !(input > 0)) return `expected an amount in USD above 0${otherwise}`;
  if (input >= LEAST_USD && input <= MOST_USD) return undefined;
  return `expected an amount in USD from ${LEAST_USD.toFixed(6)} to ${MOST_USD}${otherwise}`;
}

/** Lower-case letters and digits, anything else as hyphens, also at its ends. */
export const slugified = (text: string): string =>
  text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/[^a-z0-9]+/g, '-');

/** A word of a command, as a POSIX shell reads it, whatever it has in it. */
export const shellWord = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
