import type { OpenOptions } from '../../sdk/group/api/take-over.ts';
import type { GroupStore, StoredGroup } from '../../sdk/group/store/store.ts';
import type { CliContext } from '../context.ts';
import type { DrivenGroup } from '../services.ts';
import { isAttended } from './attended.ts';
import { type InspectOption, withInspector } from './inspector.ts';
import { type WebOption, withPage } from './web.ts';

/** Takes over a saved group; starts nothing yet. */
export function takeGroup(
  { group }: StoredGroup,
  store: GroupStore,
  context: CliContext,
  options: OpenOptions & InspectOption & WebOption & { readonly attended?: boolean } = {},
): Promise<DrivenGroup> {
  const { io, services } = context;
  const { pauseInterrupted = false } = options;
  return withPage(options, store, context, () =>
    withInspector(options, context, inspect =>
      services.openGroup(group.id, {
        store,
        env: io.env,
        attended: isAttended(options, io),
        pauseInterrupted,
        ...inspect,
      }),
    ),
  );
}
