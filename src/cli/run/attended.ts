import type { CliIo } from '../io.ts';

/** Whether somebody is there to answer permission requests: a person at the terminal, or who was promised. */
export function isAttended({ attended = false }: { readonly attended?: boolean }, io: CliIo): boolean {
  return attended || (io.stdin.isTTY === true && io.stderr.isTTY === true);
}
