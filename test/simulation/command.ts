import { type ParseArgsConfig, parseArgs } from 'node:util';

type Options = NonNullable<ParseArgsConfig['options']>;
type Values<T extends Options> = ReturnType<typeof parseArgs<{ options: T }>>['values'];

/** What a command is given is wrong. */
export class UsageError extends Error {}

/** Runs a command and ends with its status; one that is called wrongly has done nothing, says so and ends with 2. */
export async function command<T extends Options>(
  usage: string,
  options: T,
  run: (values: Values<T>) => Promise<number>,
): Promise<void> {
  // Whoever reads the output, such as `head`, has read enough.
  process.stdout.on('error', () => process.exit());
  try {
    if (process.argv.includes('--help')) process.stdout.write(`${usage}\n`);
    else process.exitCode = await run(parseArgs({ options }).values);
  } catch (error) {
    if (!isUsageError(error)) throw error;
    process.stderr.write(`${error.message}\n${usage}\n`);
    process.exitCode = 2;
  }
}

/** @throws UsageError unless the text is a number that fits. */
export function numberOf(
  option: string,
  text: string,
  { least = 0, most = Number.MAX_SAFE_INTEGER, whole = true } = {},
): number {
  const number = text.trim() === '' ? Number.NaN : Number(text);
  if (number >= least && number <= most && (Number.isInteger(number) || !whole)) return number;
  const kind = whole ? 'a whole number' : 'a number';
  throw new UsageError(`--${option} ${text}: expected ${kind} from ${least} to ${most}`);
}

const isUsageError = (error: unknown): error is Error =>
  error instanceof UsageError ||
  (error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_'));
