import type { CliContext } from '../context.ts';
import { asUsage } from '../exit-codes.ts';
import type { DrivenGroup, GroupOptions } from '../services.ts';
import { madeBeside } from './beside.ts';

export interface InspectOption {
  /** A port, or true for any that is free. Absent: no inspector, and no cost of one. */
  readonly inspect?: number | true | undefined;
}

/** Makes the group with an inspector where one is asked for; both end together. */
export async function withInspector(
  { inspect }: InspectOption,
  { io, services }: CliContext,
  make: (options: Pick<GroupOptions, 'inspect'>) => Promise<DrivenGroup>,
): Promise<DrivenGroup> {
  if (inspect === undefined) return make({});
  const inspector = await services.createInspector(inspect === true ? 0 : inspect).catch(asUsage);
  const group = await madeBeside(inspector, () => make({ inspect: inspector.inspect }));
  io.stderr.write(`Inspector: ${inspector.url}\n`);
  return group;
}
