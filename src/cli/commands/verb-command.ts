import type { Command } from 'commander';
import { VERBS, type Verb } from '../../words/verbs.ts';
import { GROUP_ARGUMENT, SESSION_ARGUMENT } from '../options.ts';

/** The names of the commands that the table has for a verb. */
export type CommandOf<V extends Verb> = V extends unknown
  ? Exclude<keyof (typeof VERBS)[V]['commands'] & string, 'none'>
  : never;

export const commandsOf = <V extends Verb>(verb: V): CommandOf<V>[] =>
  Object.keys(VERBS[verb].commands).filter((name): name is CommandOf<V> => name !== 'none');

/** A command of a verb: its name and what its help says are the table's; its arguments are what it is about. */
export function verbCommand<V extends Verb>(program: Command, verb: V, name: CommandOf<V>): Command {
  const words: Readonly<Record<string, string>> = VERBS[verb].commands;
  const command = program
    .command(name.replace(/^\w+ /, ''))
    .description(words[name] ?? '')
    .argument(...GROUP_ARGUMENT);
  return VERBS[verb].route.includes(':sid') ? command.argument(...SESSION_ARGUMENT) : command;
}
