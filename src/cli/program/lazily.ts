import type { Command } from 'commander';
import type { CliContext } from '../context.ts';

/*
 * The commands as they are described: names, arguments, options and help. What a command does is in `commands/`, and is
 * loaded once it is asked for: `--help` and a wrong option need none of it. So nothing in this folder imports, as a
 * value, what loads a schema, a chart or a store.
 */

/** Adds a command, or the commands of a noun, to the program. */
export type Register = (program: Command, context: CliContext) => void;

/** What a command does, given its arguments and options as they were parsed. */
export type Action<Given extends unknown[]> = (context: CliContext, ...given: Given) => Promise<void>;

/** For `action` of a command. */
export const lazily =
  <Given extends unknown[]>(context: CliContext, load: () => Promise<Action<Given>>) =>
  async (...given: Given): Promise<void> =>
    (await load())(context, ...given);
