import type { CliContext } from '../context.ts';
import { asUsage } from '../exit-codes.ts';
import type { DrivenGroup, GroupOptions } from '../services.ts';
import { withCompanion } from './companion.ts';

export interface InspectOption {
  /** A port, or true for any free port. Absent: no inspector is loaded. */
  readonly inspect?: number | true | undefined;
}

/** Creates the group, with an inspector if requested; both end together. */
export async function withInspector(
  { inspect }: InspectOption,
  { io, services }: CliContext,
  make: (options: Pick<GroupOptions, 'inspect'>) => Promise<DrivenGroup>,
): Promise<DrivenGroup> {
  if (inspect === undefined) return make({});
  const inspector = await services.createInspector(inspect === true ? 0 : inspect).catch(asUsage);
  const group = await withCompanion(inspector, () => make({ inspect: inspector.inspect }));
  io.stderr.write(`Inspector: ${inspector.url}\n`);
  return group;
}
