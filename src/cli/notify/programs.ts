import type { Clock } from '../../sdk/clock.ts';
import { setVariables } from '../../sdk/given.ts';
import { spawnProcess, uniqueMarker } from '../../sdk/process/process.ts';
import { reaperReady } from '../../sdk/process/reaper/reaper.ts';
import type { Notice } from './notice.ts';

/** A program that takes longer is ended. */
const TIMEOUT_MS = 30_000;

export interface ProgramWorld {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Ends the program. */
  readonly signal: AbortSignal;
}

/**
 * Runs a program with text as its input; what it prints is dropped. Nothing that it has started outlives it.
 * @throws Error if it cannot start, fails or takes too long; the signal's reason.
 */
async function run(
  [command = '', ...args]: readonly string[],
  input: string,
  { env, clock, signal }: ProgramWorld,
): Promise<void> {
  await reaperReady().catch(() => {}); // nothing is started then, and its exit says why
  signal.throwIfAborted();
  const program = spawnProcess(
    {
      ...{ command, args, cwd: process.cwd(), env: setVariables(env), marker: uniqueMarker('notice') },
      stdout: { onChunk() {} },
    },
    clock,
  );
  program.write(input);
  program.endInput();
  let isLate = false;
  const timer = clock.setTimeout(() => {
    isLate = true;
    program.kill();
  }, TIMEOUT_MS);
  signal.addEventListener('abort', program.kill, { once: true });
  const { code, signal: killed, spawnError } = await program.exited;
  signal.removeEventListener('abort', program.kill);
  clock.clearTimeout(timer);
  signal.throwIfAborted();
  if (spawnError) throw spawnError;
  if (isLate) throw new Error(`it took longer than ${TIMEOUT_MS / 1_000} s`);
  if (code !== 0)
    throw new Error(code === null ? `it was ended by ${killed}` : `it exited with code ${code}`);
}

/** The user's own program gets the notice as JSON on its standard input. */
export const runCommand = (command: readonly string[], notice: Notice, world: ProgramWorld): Promise<void> =>
  run(command, `${JSON.stringify(notice)}\n`, world);

/** The texts are arguments: no shell and no script contains them. */
export function desktopCommand({ title, text }: Pick<Notice, 'title' | 'text'>, platform: string): string[] {
  if (platform !== 'darwin') return ['notify-send', '--app-name=session-groups', '--', title, text];
  const script = [
    'on run argv',
    'display notification (item 2 of argv) with title (item 1 of argv)',
    'end run',
  ];
  return ['osascript', ...script.flatMap(line => ['-e', line]), title, text];
}

export const showOnDesktop = (notice: Notice, world: ProgramWorld): Promise<void> =>
  run(desktopCommand(notice, process.platform), '', world);
