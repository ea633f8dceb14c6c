import type { Command } from 'commander';
import { ONLY_LIVE } from '../groups/group-words.ts';

/** An argument as commander takes it: `<session>` is required, `[request]` is not. */
export type Positional = readonly [name: string, description: string];

const HELP = 'its id, a unique part of it or of its slug, or @latest (default: the one that is live)';

/**
 * Adds the arguments of a command that is about one group. The group comes first, and may be left out: what is given is
 * then what has to be.
 */
export function groupArguments(command: Command, ...more: readonly Positional[]): Command {
  const needed = more.flatMap(([name]) => (name.startsWith('<') ? [name.slice(1, -1)] : []));
  command.argument('[group]', HELP);
  // Which of them is missing is known once they are counted.
  for (const [name, description] of more) command.argument(name.replace(/^<(.*)>$/, '[$1]'), description);
  command.usage(['[options]', '[group]', ...more.map(([name]) => name)].join(' '));
  return command.hook('preAction', () => {
    const { args, processedArgs } = command;
    const missing = needed[args.length];
    if (missing !== undefined) {
      command.error(`error: missing required argument '${missing}'`, { code: 'commander.missingArgument' });
    }
    if (args.length === needed.length) command.processedArgs = [ONLY_LIVE, ...processedArgs.slice(0, -1)];
  });
}
