import type { CliContext } from '../../context.ts';
import { findGroup } from '../../groups/find.ts';
import { DiffOptions, printChanges } from '../../show/print-changes.ts';

/** `group diff ID`: prints what was merged, for each repository. */
export async function groupDiff(context: CliContext, word: string, given: unknown): Promise<void> {
  const { services, io } = context;
  const stored = await findGroup(word, await services.openStore(io.env), context);
  const { viewDelivery } = await services.delivery();
  const view = viewDelivery(stored, { env: io.env });
  const sources = { changes: () => view.changes(), diffs: () => view.diffs() };
  await printChanges(sources, DiffOptions.parse(given), { groupId: stored.group.id }, io);
}
