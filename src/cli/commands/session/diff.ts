import type { Register } from '../../context.ts';
import { checkSession, findGroup } from '../../groups/find.ts';
import { GROUP_ARGUMENT, SESSION_ARGUMENT } from '../../options.ts';
import { DiffOptions, diffOptions, printChanges } from '../../show/print-changes.ts';

/** `session diff GROUP SESSION`: prints what a session has changed. */
export const registerSessionDiff: Register = (program, context) => {
  const { services, io } = context;
  const command = program
    .command('diff')
    .description('Print what a session has changed: its result, or what was saved of it last')
    .argument(...GROUP_ARGUMENT)
    .argument(...SESSION_ARGUMENT);
  diffOptions(command)
    .addHelpText('after', EXAMPLES)
    .action(async (word: string, id: string, given: unknown) => {
      const stored = await findGroup(word, await services.openStore(io.env), context);
      checkSession(id, stored);
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
    });
};

const EXAMPLES = `
Examples:
  session-groups session diff auth-refactor gateway --stat
  session-groups session diff auth-refactor gateway | less
`;
