import { z } from 'zod';
import type { Register } from '../../context.ts';
import { EXIT } from '../../exit-codes.ts';
import { findGroup } from '../../groups/find.ts';
import { GROUP_ARGUMENT } from '../../options.ts';
import { cleanLine, jsonLine } from '../../text.ts';

const PrOptions = z.object({ dryRun: z.boolean().default(false), json: z.boolean().default(false) });

/** `group pr ID`: opens a pull request for each session, by the command of the definition. Exit 1 if one fails. */
export const registerGroupPr: Register = (program, context) => {
  const { services, io } = context;
  program
    .command('pr')
    .description('Open a pull request for each completed session, with the command of the definition')
    .argument(...GROUP_ARGUMENT)
    .option('--dry-run', 'print what would be run, and run nothing')
    .option('--json', 'print each session as a JSON line')
    .addHelpText('after', EXAMPLES)
    .action(async (word: string, given: unknown) => {
      const { dryRun, json } = PrOptions.parse(given);
      const stored = await findGroup(word, await services.openStore(io.env), context);
      const { planPullRequests, openPullRequest, commandOf } = await services.delivery();
      const { command, ready, others } = await planPullRequests(stored, { env: io.env });
      const groupId = stored.group.id;
      const print = (sessionId: string, line: object, text: string) =>
        io.stdout.write(
          json ? jsonLine({ type: 'pr', groupId, sessionId, ...line }) : `${sessionId}: ${text}\n`,
        );
      for (const request of ready) {
        const { session, branch, base, title } = request;
        if (dryRun) {
          const filled = commandOf(command, request, 'BODY_FILE');
          const shown = typeof filled === 'string' ? filled : JSON.stringify(filled);
          print(
            session,
            { outcome: 'planned', ...request, command: filled },
            cleanLine(`${branch} → ${base}: ${shown}`),
          );
          continue;
        }
        const outcome = await openPullRequest(groupId, command, request, {
          env: io.env,
          onLine: line => void io.stderr.write(`${cleanLine(line)}\n`),
        });
        if (outcome.kind !== 'green') context.exitCode = EXIT.failed;
        const how = outcome.kind === 'red' ? outcome.how : outcome.kind === 'cut' ? 'cut off' : 'opened';
        print(session, { outcome: outcome.kind, branch, base, title }, `${branch} → ${base}: ${how}`);
      }
      for (const { session, reason } of others)
        print(session, { outcome: 'skipped', reason }, `skipped, ${cleanLine(reason)}`);
    });
};

const EXAMPLES = `
The command is config.integrate.pr. A list may contain {branch}, {base}, {title}, {body} and {bodyFile}; a line for the
shell gets SESSION_GROUPS_BRANCH, _BASE, _TITLE, _BODY and _BODY_FILE as environment variables.
It has 15 minutes for each session. Asked again, it runs again for every session, whether one is open already or not.

Examples:
  session-groups group pr auth-refactor --dry-run
  session-groups group pr auth-refactor
`;
