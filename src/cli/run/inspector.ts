import type { CliContext } from '../context.ts';
import { asUsage } from '../exit-codes.ts';
import type { DrivenGroup, GroupOptions } from '../services.ts';

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
  let group: DrivenGroup;
  try {
    group = await make({ inspect: inspector.inspect });
  } catch (error) {
    await inspector.close();
    throw error;
  }
  io.stderr.write(`Inspector: ${inspector.url}\n`);
  const dispose = () => group.dispose().finally(() => inspector.close());
  return { ...group, dispose };
}
