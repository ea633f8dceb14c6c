import { Command } from 'commander';
import type { CliContext } from '../context.ts';
import { packageVersion } from '../version.ts';
import { group } from './group.ts';
import { help } from './help.ts';
import { DEBUG_OPTION } from './options.ts';
import { session } from './session.ts';
import { template } from './template.ts';
import {
  attention,
  chart,
  completion,
  cost,
  demo,
  doctor,
  init,
  plan,
  run,
  serve,
  worker,
} from './top-commands.ts';

/** The whole command line. Settings come first: commander copies them to commands that are added later. */
export function programFor(context: CliContext): Command {
  const { stdout, stderr } = context.io;
  const program = new Command('session-groups')
    .description(
      'Runs a group of AI coding-agent sessions over several projects: in dependency order, several at a time, within a budget.',
    )
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand(false)
    .exitOverride()
    .showSuggestionAfterError()
    .configureHelp({ subcommandTerm })
    .configureOutput({
      writeOut: text => void stdout.write(text),
      writeErr: text => void stderr.write(text),
      outputError: () => {},
      getOutHelpWidth: () => context.io.stdout.columns ?? 100,
    })
    .addHelpText('after', EXAMPLES);
  for (const register of [
    run,
    group,
    session,
    attention,
    serve,
    worker,
    template,
    plan,
    chart,
    cost,
    init,
    demo,
    doctor,
    completion,
    help,
  ])
    register(program, context);
  for (const command of leavesOf(program)) command.option(...DEBUG_OPTION);
  return program;
}

/** Which arguments are required is said by the usage: see group-argument.ts. */
const subcommandTerm = (command: Command): string =>
  command.commands.length > 0
    ? command.name()
    : `${[command.name(), ...command.aliases()].join('|')} ${command.usage()}`;

/** The commands that only group others are left out. */
const leavesOf = (command: Command): readonly Command[] =>
  command.commands.length === 0 ? [command] : command.commands.flatMap(leavesOf);

const EXAMPLES = `
Examples:
  session-groups demo                     see a group at work: scripted, nothing is spent
  session-groups init                     write a commented session-groups.yaml
  session-groups plan session-groups.yaml check it and show the order, without spending
  session-groups run session-groups.yaml --scripted
                                          rehearse it: no model is called
  session-groups run session-groups.yaml  run it, with a live view on a terminal
  session-groups ls                       list saved groups, running or not (group list)
  session-groups status                   show the group that is live (group show)
  session-groups logs gateway             print what one of its sessions does (session logs)
  session-groups attention                show what waits for you, in all groups
  session-groups group resume ID          resume a paused or interrupted group
  session-groups template list            list the templates that sessions can use
  session-groups serve                    show all groups on a local page
  session-groups chart                    print the statechart of a group
  session-groups doctor                   check that this machine is ready

Exit codes:
  0 completed   1 failed or stopped   2 usage or invalid definition   3 paused
  4 agent missing or not logged in    5 request refused   130/143 ended by a signal
`;
