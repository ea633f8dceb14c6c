import { z } from 'zod';
import type { CliContext } from '../../context.ts';
import { EXIT } from '../../exit-codes.ts';
import { findGroup } from '../../groups/find.ts';
import { cleanLine, jsonLine } from '../../text.ts';

const PrOptions = z.object({ dryRun: z.boolean().default(false), json: z.boolean().default(false) });

/** `group pr ID`: opens a pull request for each session, by the command of the definition. Exit 1 if one fails. */
export async function groupPr(context: CliContext, word: string, given: unknown): Promise<void> {
  const { services, io } = context;
  const { dryRun, json } = PrOptions.parse(given);
  const stored = await findGroup(word, await services.openStore(io.env), context);
  const { planPullRequests, openPullRequest, commandOf } = await services.delivery();
  const { command, ready, others } = await planPullRequests(stored, { env: io.env });
  const groupId = stored.group.id;
  const print = (sessionId: string, line: object, text: string) =>
    io.stdout.write(json ? jsonLine({ type: 'pr', groupId, sessionId, ...line }) : `${sessionId}: ${text}\n`);
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
}
