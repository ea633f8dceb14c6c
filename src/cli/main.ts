import { Command, CommanderError } from 'commander';
import { registerDoctor } from './commands/doctor.ts';
import { registerGroup } from './commands/group.ts';
import { registerInit } from './commands/init.ts';
import { registerPlan } from './commands/plan.ts';
import { registerRun } from './commands/run.ts';
import { registerServe } from './commands/serve.ts';
import { registerSession } from './commands/session.ts';
import { registerTemplate } from './commands/template.ts';
import { type CliContext, contextOf } from './context.ts';
import { EXIT, renderReport, reportLine, reportOf } from './exit-codes.ts';
import { type CliIo, flushed, watchReader } from './io.ts';
import { libraryServices } from './library.ts';
import type { CliServices } from './services.ts';
import { lookOf } from './terminal.ts';
import { jsonLine } from './text.ts';
import { VERSION } from './version.ts';

/**
 * The whole command line in one call: resolves with the exit code once everything that was printed has left.
 * It never throws and never touches the process: all of that comes in through `io`.
 */
export async function main(
  argv: readonly string[],
  io: CliIo,
  services: CliServices = libraryServices,
): Promise<number> {
  const context = contextOf(io, services);
  // For good: the error of a last write may come after everything else.
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
    // Asked of the bare words: what failed may be the reading of the options.
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

/** Settings come first: commander hands them down to the commands that are made after. */
function programFor(context: CliContext): Command {
  const { stdout, stderr } = context.io;
  const program = new Command('session-groups')
    .description(
      'Runs a group of AI coding-agent sessions over several projects: in dependency order, several at a time, inside a budget.',
    )
    .version(VERSION, '-V, --version', 'print the version')
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
  registerRun(program, context);
  registerGroup(program, context);
  registerSession(program, context);
  registerServe(program, context);
  registerTemplate(program, context);
  registerPlan(program, context);
  registerInit(program, context);
  registerDoctor(program, context);
  return program;
}

const EXAMPLES = `
Examples:
  session-groups init                     write a commented session-groups.yaml
  session-groups plan session-groups.yaml check it and see the order, without spending
  session-groups run session-groups.yaml --scripted
                                          rehearse: no model is called
  session-groups run session-groups.yaml  run it, with a live view on a terminal
  session-groups group list               see the groups that are kept, running or not
  session-groups group resume ID          go on with one that is paused or interrupted
  session-groups template list            see the templates that sessions can name
  session-groups serve                    look at all groups on a local page
  session-groups doctor                   see whether this machine is ready

Exit codes:
  0 completed   1 failed or stopped   2 usage or invalid definition   3 paused
  4 agent missing or not logged in    5 request refused   130/143 cut short by a signal
`;
