import { COMPLETIONS } from '../completion/scripts.ts';
import { SHELLS } from '../completion/shells.ts';
import type { CliContext } from '../context.ts';
import { knownName } from '../program/known-name.ts';

/** `completion SHELL`: prints the script that a shell loads. */
export async function completion({ io }: CliContext, shell: string): Promise<void> {
  io.stdout.write(COMPLETIONS[knownName('shell', shell, SHELLS)]);
}
