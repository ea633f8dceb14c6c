import { Command, CommanderError } from 'commander';
import type { CliContext } from './context.ts';
import { EXIT, renderReport, reportLine, reportOf } from './exit-codes.ts';
import { type CliIo, flushed, watchReader } from './io.ts';
import { libraryServices } from './library.ts';
import { group } from './program/group.ts';
import { DEBUG_OPTION } from './program/options.ts';
import { session } from './program/session.ts';
import { template } from './program/template.ts';
import { chart, doctor, init, plan, run, serve } from './program/top-commands.ts';
import type { CliServices } from './services.ts';
import { lookOf } from './terminal.ts';
import { jsonLine } from './text.ts';
import { packageVersion } from './version.ts';

/**
 * Runs the command line; resolves with the exit code once all output is flushed. Never throws, and uses the process
 * only through `io`.
 */
export async function main(
  argv: readonly string[],
  io: CliIo,
  services: CliServices = libraryServices,
): Promise<number> {
  const context = { io, services, exitCode: 0 };
  // Never removed: the error of the last write may come after everything else.
  for (const stream of [io.stdout, io.stderr]) watchReader(stream, () => {});
  const code = await execute(argv, context);
  await Promise.all([flushed(io.stdout), flushed(io.stderr)]);
  return code;
}

async function execute(argv: readonly string[], context: CliContext): Promise<number> {
  const { io } = context;
  try {
    const program = programFor(context);
    if (argv.length === 0) {
      io.stderr.write(program.helpInformation());
      return EXIT.usage;
    }
    await program.parseAsync([...argv], { from: 'user' });
    return context.exitCode;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.completed;
    if (error instanceof CommanderError && error.code === 'commander.help') return EXIT.usage; // a bare `group`
    // Read from argv: the parsing of the options may be what failed.
    const debug = argv.includes('--debug');
    const report = reportOf(error);
    if (argv.includes('--json')) {
      io.stdout.write(jsonLine(reportLine(report, debug)));
    } else {
      const { color } = lookOf(io.stderr, io.env);
      io.stderr.write(renderReport(report, { debug, color }));
    }
    return report.exitCode;
  }
}

/** Settings come first: commander copies them to commands that are added later. */
function programFor(context: CliContext): Command {
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
    .configureOutput({
      writeOut: text => void stdout.write(text),
      writeErr: text => void stderr.write(text),
      outputError: () => {},
      getOutHelpWidth: () => context.io.stdout.columns ?? 100,
    })
    .addHelpText('after', EXAMPLES);
  for (const register of [run, group, session, serve, template, plan, chart, init, doctor])
    register(program, context);
  for (const command of leavesOf(program)) command.option(...DEBUG_OPTION);
  return program;
}

/** The commands that only group others are left out. */
const leavesOf = (command: Command): readonly Command[] =>
  command.commands.length === 0 ? [command] : command.commands.flatMap(leavesOf);

const EXAMPLES = `
Examples:
  session-groups init                     write a commented session-groups.yaml
  session-groups plan session-groups.yaml check it and show the order, without spending
  session-groups run session-groups.yaml --scripted
                                          rehearse it: no model is called
  session-groups run session-groups.yaml  run it, with a live view on a terminal
  session-groups group list               list saved groups, running or not
  session-groups group resume ID          resume a paused or interrupted group
  session-groups template list            list the templates that sessions can use
  session-groups serve                    show all groups on a local page
  session-groups chart                    print the statechart of a group
  session-groups doctor                   check that this machine is ready

Exit codes:
  0 completed   1 failed or stopped   2 usage or invalid definition   3 paused
  4 agent missing or not logged in    5 request refused   130/143 ended by a signal
`;
