import { type Command, InvalidArgumentError } from 'commander';
import { parseDuration, usdProblem } from '../../sdk/format.ts';
import type { CliContext } from '../context.ts';
import { sayStarting } from '../live/starting.ts';

/** Options and arguments that several commands share, and the parsers of their values. */

/** Of every command. */
export const DEBUG_OPTION = ['--debug', 'print the stack trace of an error'] as const;

export const DEFINITION_ARGUMENT = [
  '[file]',
  'the definition: YAML or JSON (default: session-groups.yaml, .yml or .json); -: standard input',
] as const;
export const VAR_OPTION = ['--var <name=value>', 'the value of a variable; repeatable', assigned] as const;
export const VAR_FILE_OPTION = [
  '--var-file <file>',
  'a YAML or JSON file that maps variable names to values; --var goes before it',
] as const;
/** Where the group has to be named. */
export const GROUP_ARGUMENT = ['<group>', 'its id, a prefix of the id, its slug, or @latest'] as const;
export const SESSION_ARGUMENT = ['<session>', 'the id of the session'] as const;
/** Of what also works for all sessions of a fan-out. */
export const SESSIONS_ARGUMENT = ['<session>', 'the id of the session, or the name of a fan-out'] as const;
export const TEMPLATE_ARGUMENT = ['<name>', 'its name; see `template list`'] as const;
export const TEMPLATES_OF_OPTION = [
  '--definition <file>',
  'look next to this definition (default: in the working directory)',
] as const;
export const NO_WAIT_OPTION = ['--no-wait', 'return as soon as the request is accepted'] as const;
export const PLAIN_OPTION = ['--plain', 'print one line per change instead of the live view'] as const;
export const EVENTS_OPTION = [
  '--json',
  'print every event as a JSON line, and the result as the last line',
] as const;
export const TAKE_OVER_OPTION = [
  '--take-over',
  'take the group even if its process cannot be checked from here; use it only if that process has ended',
] as const;
export const DISCARD_OPTION = [
  '--discard',
  'keep work that is not merged under refs/session-groups/archive/, instead of refusing',
] as const;
export const RESULT_OPTION = ['--json', 'print the result as a JSON line'] as const;
export const ATTENDED_OPTION = [
  '--attended',
  'someone answers permission requests: session approve, session deny (default: in a terminal)',
] as const;
export const INSPECT_OPTION = [
  '--inspect [port]',
  'show the statechart in the Stately Inspector; prints the address of a local relay',
  port,
] as const;
export const WEB_OPTION = [
  '--web [port]',
  'show the group on a local page while it runs; prints its address',
  port,
] as const;
export const PORT_OPTION = ['--port <port>', 'the port to listen on (default: any free port)', port] as const;
/** Which Redis a fleet uses. */
export const REDIS_OPTION = [
  '--redis <url>',
  'redis://HOST:PORT, rediss:// or unix:PATH, without a password (default: SESSION_GROUPS_REDIS)',
] as const;
export const REDIS_FILE_OPTION = [
  '--redis-file <file>',
  'a file with that address, which may have a password',
] as const;
/** Where the sessions of a new group are carried out. */
const EXECUTORS = ['local', 'bullmq'];
export const executorOptions = (command: Command): Command =>
  redisOptions(
    command
      .option(
        '--executor <where>',
        'where sessions are carried out: local, or bullmq, by workers over a Redis (default: local)',
        oneOfThese(EXECUTORS),
      )
      .option('--pool <name>', 'which workers carry them out (default: default)', pool),
  );
/** Adds the options of every command that may run a group whose sessions workers carry out. */
export const redisOptions = (command: Command): Command =>
  command.option(...REDIS_OPTION).option(...REDIS_FILE_OPTION);
export const BUDGET_OPTION = [
  '--max-budget-usd <usd>',
  'the budget of the whole group, or none',
  budget,
] as const;
export const CONCURRENCY_OPTION = [
  '--max-concurrent <count>',
  'how many sessions may run at the same time',
  concurrency,
] as const;
export const SCRIPTED_OPTION = [
  '--scripted',
  'rehearse with scripted agents: no model is called, nothing is spent',
] as const;

function budget(text: string): number | 'none' {
  return text === 'none' ? 'none' : amount(text, true);
}

/** A limit in USD. */
export const usd = (text: string): number => amount(text);

function amount(text: string, orNone = false): number {
  const value = Number(text);
  const problem = usdProblem(value, orNone);
  if (problem === undefined) return value;
  throw new InvalidArgumentError(`${problem.replace(/^e/, 'E')}.`);
}

export function port(text: string): number {
  return wholeNumber(text, 0, 65_535);
}

export function concurrency(text: string): number {
  return wholeNumber(text, 1, 1_000);
}

export function wholeNumber(text: string, least: number, most: number): number {
  const count = Number(text);
  if (text.trim() === '' || !Number.isInteger(count) || count < least || count > most) {
    throw new InvalidArgumentError(`Expected a whole number from ${least} to ${most}.`);
  }
  return count;
}

/** `2h` or `7d` ago, or a date; in epoch milliseconds. */
export function moment(text: string, now: number): number {
  const ago = parseDuration(text);
  const at = ago === undefined ? Date.parse(text) : now - ago;
  if (Number.isNaN(at)) throw new InvalidArgumentError('Expected a time such as 2h, 7d or 2026-01-31.');
  return at;
}

/** `name=text`, repeatable; split at the first `=`. */
export function assigned(
  text: string,
  before: readonly (readonly [string, string])[] = [],
): readonly (readonly [string, string])[] {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('Expected name=text.');
  return [...before, [text.slice(0, at), text.slice(at + 1)]];
}

/** For an option that is repeatable or takes a comma-separated list. */
export function collected(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, ...text.split(',').filter(part => part !== '')];
}

/** `--status`, for one of these or several. */
export const statusOption = (known: readonly string[]) =>
  [
    '--status <status>',
    `only with this status, or several, separated by commas: ${known.join(', ')}`,
    (text: string, before: readonly string[] | undefined): readonly string[] => {
      const all = collected(text, before);
      for (const status of all) {
        if (!known.includes(status)) throw new InvalidArgumentError(`Expected one of ${known.join(', ')}.`);
      }
      return all;
    },
  ] as const;

/** For `--older-than`; in milliseconds. */
export function age(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new InvalidArgumentError('Expected a duration such as 12h or 30d.');
  return ms;
}

/** From a second to a day, in milliseconds. */
export function duration(text: string): number {
  const ms = parseDuration(text) ?? 0;
  if (ms < 1_000 || ms > 86_400_000)
    throw new InvalidArgumentError('Expected a duration from 1s to 24h, such as 30s.');
  return ms;
}

/** The name of a pool of workers. */
export function pool(text: string): string {
  if (!/^[\w-][\w.-]{0,99}$/.test(text))
    throw new InvalidArgumentError('Expected up to 100 letters, digits, dots, underscores or hyphens.');
  return text;
}

/** The parser of an option that takes one of these. */
export const oneOfThese =
  (known: readonly string[]) =>
  (text: string): string => {
    if (!known.includes(text)) throw new InvalidArgumentError(`Expected ${oneOf(known)}.`);
    return text;
  };

/** `a, b or c`. */
export function oneOf(names: readonly string[]): string {
  return `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}

/** Adds the options of every command that runs a group in the foreground. */
export const foregroundOptions = (command: Command, { io }: CliContext): Command =>
  command
    .hook('preAction', () => {
      const { json, plain } = command.opts();
      if (json !== true && plain !== true) sayStarting(io);
    })
    .option(...EVENTS_OPTION)
    .option(...PLAIN_OPTION)
    .option(...ATTENDED_OPTION)
    .option(...INSPECT_OPTION)
    .option(...WEB_OPTION);

/** Adds the options of every command that takes over a saved group and runs it in the foreground. */
export const takenOptions = (command: Command, context: CliContext): Command =>
  redisOptions(foregroundOptions(command, context)).option(...TAKE_OVER_OPTION);

/** Adds the options of every command that prints changes. */
export const diffOptions = (command: Command): Command =>
  command
    .option('--stat', 'print the files and their number of changed lines')
    .option('--name-only', 'print the paths only')
    .option('--json', 'print it as a JSON line for each repository');
