import { counted } from '../../sdk/format.ts';
import type { CliContext } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { JsonOption } from '../json-option.ts';
import { type Look, lookOf, painter } from '../terminal.ts';
import { cleanLine, jsonLine } from '../text.ts';
import { proseRow } from '../width.ts';
import { type Check, type Checks, runChecks } from './doctor-checks.ts';

/** `doctor`: checks that this machine is ready, and prints what to fix. */
export async function doctor(context: CliContext, given: unknown): Promise<void> {
  const { io, services } = context;
  const { json } = JsonOption.parse(given);
  const checks = await runChecks(io, services);
  const { all } = checks;
  io.stdout.write(json ? jsonLine(report(all)) : renderChecks(all, lookOf(io.stdout, io.env)));
  context.exitCode = exitCode(checks);
}

function report(checks: readonly Check[]) {
  return { type: 'doctor', ok: checks.every(check => check.ok), checks };
}

/** `✓ git  2.45.1`, and a hint under each failed check. */
export function renderChecks(checks: readonly Check[], look: Look): string {
  const paint = painter(look.color);
  const [yes, no] = look.unicode ? ['✓', '✗'] : ['+', 'x'];
  const width = Math.max(...checks.map(check => check.name.length));
  const row = (head: string, words: string) =>
    proseRow({ text: head, width: width + 4 }, cleanLine(words), look.columns);
  const below = ' '.repeat(width + 4);
  const lines = checks.flatMap(({ name, ok, detail, hint, warnings = [] }) => [
    ...row(`${ok ? paint('green', yes) : paint('red', no)} ${name.padEnd(width)}  `, detail),
    ...warnings.flatMap(warning => row(below, warning)).map(line => paint('yellow', line)),
    ...(hint === undefined ? [] : row(below, hint)),
  ]);
  return `${[...lines, closingLine(checks)].join('\n')}\n`;
}

/** What it comes to. */
function closingLine(checks: readonly Check[]): string {
  const failed = checks.filter(({ ok }) => !ok).length;
  if (failed > 0) return `${failed} of ${counted(checks.length, 'check')} failed.`;
  const warned = checks.reduce((sum, { warnings = [] }) => sum + warnings.length, 0);
  return warned > 0 ? `Ready, with ${counted(warned, 'warning')}.` : 'Ready.';
}

function exitCode({ agents, all }: Checks): number {
  if (agents.some(({ ok }) => !ok)) return EXIT.agentUnavailable;
  return all.every(({ ok }) => ok) ? EXIT.completed : EXIT.failed;
}
