import type { GroupStore } from '../../sdk/group/store/store.ts';
import type { CliContext } from '../context.ts';
import { asUsage } from '../exit-codes.ts';
import type { DrivenGroup } from '../services.ts';
import { withCompanion } from './companion.ts';

export interface WebOption {
  /** A port, or true for any free port. Absent: no page. */
  readonly web?: number | true | undefined;
}

/** Creates the group, with a page if requested; the page closes once its viewers have seen the group end. */
export async function withPage(
  { web }: WebOption,
  store: GroupStore,
  { io, services }: CliContext,
  make: () => Promise<DrivenGroup>,
): Promise<DrivenGroup> {
  if (web === undefined) return make();
  const port = web === true ? 0 : web;
  const server = await services.createServer({ store, env: io.env, port }).catch(asUsage);
  const group = await withCompanion(server, make);
  io.stderr.write(`Page: ${server.pageUrl(group.id)}\n`);
  return group;
}
