import type { Command } from 'commander';
import { OF_FAN_OUTS } from '../../words/fan-outs.ts';
import { VERBS, type Verb } from '../../words/verbs.ts';
import { groupArguments, type Positional } from './group-argument.ts';
import { GROUP_ARGUMENT, SESSION_ARGUMENT, SESSIONS_ARGUMENT } from './options.ts';

/** The names of a verb's commands. */
export type CommandOf<V extends Verb> = V extends unknown
  ? Exclude<keyof (typeof VERBS)[V]['commands'] & string, 'none'>
  : never;

export const commandsOf = <V extends Verb>(verb: V): CommandOf<V>[] =>
  Object.keys(VERBS[verb].commands).filter((name): name is CommandOf<V> => name !== 'none');

interface VerbArguments {
  /** After the group and the session. Default: none. */
  readonly more?: readonly Positional[];
  /** Whether the group has to be named. Default: false. */
  readonly named?: boolean;
}

/** Adds a command of a verb, with the name and help text of the table, and the group and session as arguments. */
export function verbCommand<V extends Verb>(
  program: Command,
  verb: V,
  name: CommandOf<V>,
  { more = [], named = false }: VerbArguments = {},
): Command {
  const words: Readonly<Record<string, string>> = VERBS[verb].commands;
  const command = program.command(name.replace(/^\w+ /, '')).description(words[name] ?? '');
  if (named) return command.argument(...GROUP_ARGUMENT);
  const isOfSession = VERBS[verb].route.includes(':sid');
  const session = OF_FAN_OUTS.has(verb) ? SESSIONS_ARGUMENT : SESSION_ARGUMENT;
  return groupArguments(command, ...(isOfSession ? [session] : []), ...more);
}
