import { type Command, CommanderError } from 'commander';
import { COMPLETE } from './completion/shells.ts';
import type { CliContext } from './context.ts';
import { EXIT, renderReport, reportLine, reportOf, UsageError } from './exit-codes.ts';
import { type CliIo, flushed, watchReader } from './io.ts';
import { libraryServices } from './library.ts';
import { commandNamed, nounsWith } from './program/help.ts';
import { programFor } from './program/program.ts';
import { expanded } from './program/shortcuts.ts';
import type { CliServices } from './services.ts';
import { lookOf } from './terminal.ts';
import { jsonLine } from './text.ts';

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
    if (argv[0] === COMPLETE) {
      const { printCandidates } = await import('./completion/print-candidates.ts');
      await printCandidates(program, argv.slice(1), context);
      return EXIT.completed;
    }
    const words = expanded(argv);
    checkNoun(words[0] ?? '', program);
    await program.parseAsync([...words], { from: 'user' });
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

/** @throws UsageError for a verb without its noun, such as `resume`. */
function checkNoun(word: string, program: Command): void {
  if (commandNamed(word, program) !== undefined) return;
  const meant = nounsWith(word, program).map(noun => `session-groups ${noun} ${word}`);
  if (meant.length > 0)
    throw new UsageError(`unknown command '${word}'`, `Did you mean ${meant.join(', or ')}?`);
}
