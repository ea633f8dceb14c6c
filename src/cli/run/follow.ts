import { readSaved, readSavedAtRest, type SavedGroupView } from '../../control/read-saved.ts';
import type { ControlClient } from '../../control/wire/client.ts';
import type { CliContext } from '../context.ts';
import { remoteGroup } from '../groups/remote-group.ts';
import { inForeground, type RunOutput } from './foreground.ts';

/**
 * Sends a request to the process that runs the group, then shows the group as if it ran here.
 *
 * @param ask sends the request; does nothing for an observer.
 * @returns the exit code.
 */
export async function askAndFollow(
  client: ControlClient,
  { group }: SavedGroupView['stored'],
  ask: () => Promise<unknown>,
  output: RunOutput & { readonly observing?: true },
  context: CliContext,
): Promise<number> {
  const { io, services } = context;
  const store = await services.openStore(io.env);
  const saved = await readSaved(await store.read(group.id), services);
  await ask();
  const remote = await remoteGroup(client, saved, {
    readAtRest: () => readSavedAtRest(group.id, store, services),
    read: async () => store.read(group.id),
  });
  return inForeground(
    remote,
    () => remote.follow(saved.view.nextSeq),
    { ...output, elsewhere: true },
    context,
  );
}
