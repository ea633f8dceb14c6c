import { spawn } from 'node:child_process';
import type { Notice } from './notice.ts';

/** A program that takes longer is ended. */
const TIMEOUT_MS = 30_000;

/** Runs a program with text as its input; what it prints is dropped. @throws Error if it cannot start or fails. */
async function run(
  [command = '', ...args]: readonly string[],
  input: string,
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const child = spawn(command, args, {
      env: { ...env },
      stdio: ['pipe', 'ignore', 'ignore'],
      timeout: TIMEOUT_MS,
      killSignal: 'SIGKILL',
      signal,
    });
    child.stdin.on('error', () => {}).end(input); // it need not read it
    child.once('error', reject).once('exit', (code, killed) => {
      if (code === 0) resolve();
      else reject(new Error(code === null ? `it was ended by ${killed}` : `it exited with code ${code}`));
    });
  });
}

/** The user's own program gets the notice as JSON on its standard input. */
export const runCommand = (
  command: readonly string[],
  notice: Notice,
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<void> => run(command, `${JSON.stringify(notice)}\n`, env, signal);

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

export const showOnDesktop = (
  notice: Notice,
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<void> => run(desktopCommand(notice, process.platform), '', env, signal);
