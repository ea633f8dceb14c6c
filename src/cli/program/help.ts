import type { Command } from 'commander';
import type { Register } from './lazily.ts';
import { expanded } from './shortcuts.ts';

/** `help group list` is `group list --help`. */
export const help: Register = program => {
  program
    .command('help')
    .description('Print the help of a command')
    .argument('[command...]', 'the words of the command')
    .action((words: readonly string[]) => {
      let command = program;
      for (const word of expanded(words)) {
        if (word === '' || command.commands.length === 0) break;
        command = commandNamed(word, command) ?? unknownCommand(word, command);
      }
      command.outputHelp();
    });
};

/** The command of this name, or with this alias. */
export const commandNamed = (word: string, { commands }: Command): Command | undefined =>
  commands.find(command => command.name() === word || command.aliases().includes(word));

/** The nouns that have a command of this name: `group resume` and `session resume` for `resume`. */
export const nounsWith = (word: string, { commands }: Command): readonly string[] =>
  commands.filter(noun => commandNamed(word, noun) !== undefined).map(noun => noun.name());

const unknownCommand = (word: string, command: Command): never =>
  command.error(`error: unknown command '${word}'`, { code: 'commander.unknownCommand' });
