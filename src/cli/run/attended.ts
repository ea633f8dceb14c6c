import type { CliIo } from '../io.ts';
import type { WebOption } from './web.ts';

/** Whether somebody is there to answer permission requests: a person at the terminal or the page, or who was promised. */
export function isAttended(
  { attended = false, web }: WebOption & { readonly attended?: boolean },
  io: CliIo,
): boolean {
  return attended || web !== undefined || (io.stdin.isTTY === true && io.stderr.isTTY === true);
}
