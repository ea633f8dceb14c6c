import type { CliIo } from '../io.ts';
import type { WebOption } from './web.ts';

/** Whether someone can answer permission requests: at the terminal, on the page, or as `--attended` promises. */
export function isAttended(
  { attended = false, web }: WebOption & { readonly attended?: boolean },
  io: CliIo,
): boolean {
  return attended || web !== undefined || (io.stdin.isTTY === true && io.stderr.isTTY === true);
}
