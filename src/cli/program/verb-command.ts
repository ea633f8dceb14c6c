import type { Command } from 'commander';
import { VERBS, type Verb } from '../../words/verbs.ts';
import { GROUP_ARGUMENT, SESSION_ARGUMENT } from './options.ts';

/** The names of a verb's commands. */
export type CommandOf<V extends Verb> = V extends unknown
  ? Exclude<keyof (typeof VERBS)[V]['commands'] & string, 'none'>
  : never;

export const commandsOf = <V extends Verb>(verb: V): CommandOf<V>[] =>
  Object.keys(VERBS[verb].commands).filter((name): name is CommandOf<V> => name !== 'none');

/** Adds a command of a verb, with the name and help text of the table, and the group and session as arguments. */
export function verbCommand<V extends Verb>(program: Command, verb: V, name: CommandOf<V>): Command {
  const words: Readonly<Record<string, string>> = VERBS[verb].commands;
  const command = program
    .command(name.replace(/^\w+ /, ''))
    .description(words[name] ?? '')
    .argument(...GROUP_ARGUMENT);
  return VERBS[verb].route.includes(':sid') ? command.argument(...SESSION_ARGUMENT) : command;
}
