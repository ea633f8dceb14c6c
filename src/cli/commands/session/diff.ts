import type { CliContext } from '../../context.ts';
import { findSession } from '../../groups/find.ts';
import { DiffOptions, printChanges } from '../../show/print-changes.ts';

/** `session diff GROUP SESSION`: prints what a session has changed. */
export async function sessionDiff(
  context: CliContext,
  word: string,
  id: string,
  given: unknown,
): Promise<void> {
  const { services, io } = context;
  const { stored } = await findSession(word, id, context);
  const { viewDelivery } = await services.delivery();
  const view = viewDelivery(stored, { env: io.env });
  const listed = <T>(one: T | undefined) => (one === undefined ? [] : [one]);
  await printChanges(
    {
      changes: async () => listed(await view.sessionChanges(id)),
      diffs: async () => listed(await view.sessionDiff(id)),
    },
    DiffOptions.parse(given),
    { groupId: stored.group.id, sessionId: id },
    io,
  );
}
