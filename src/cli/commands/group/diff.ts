import type { Register } from '../../context.ts';
import { findGroup } from '../../groups/find.ts';
import { GROUP_ARGUMENT } from '../../options.ts';
import { DiffOptions, diffOptions, printChanges } from '../../show/print-changes.ts';

/** `group diff ID`: prints what was merged, for each repository. */
export const registerGroupDiff: Register = (program, context) => {
  const { services, io } = context;
  const command = program
    .command('diff')
    .description('Print what the sessions of a group have changed and merged, for each repository')
    .argument(...GROUP_ARGUMENT);
  diffOptions(command)
    .addHelpText('after', EXAMPLES)
    .action(async (word: string, given: unknown) => {
      const stored = await findGroup(word, await services.openStore(io.env), context);
      const { viewDelivery } = await services.delivery();
      const view = viewDelivery(stored, { env: io.env });
      const sources = { changes: () => view.changes(), diffs: () => view.diffs() };
      await printChanges(sources, DiffOptions.parse(given), { groupId: stored.group.id }, io);
    });
};

const EXAMPLES = `
Examples:
  session-groups group diff auth-refactor --stat
  session-groups group diff auth-refactor --json
`;
