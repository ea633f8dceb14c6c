import { z } from 'zod';
import { askToRetry } from '../../../control/ask-owner.ts';
import { answerToLost } from '../../../control/lost-request.ts';
import { readSaved, type SavedGroupView } from '../../../control/read-saved.ts';
import { RUNNING_VERBS } from '../../../control/verbs.ts';
import type { CliContext } from '../../context.ts';
import { UsageError } from '../../exit-codes.ts';
import { sessionsNamed } from '../../groups/find.ts';
import { printAccepted } from '../../groups/print-outcome.ts';
import { reachGroup } from '../../groups/reach.ts';
import { readForRetry, readForVerb, withCommand } from '../../groups/refusals.ts';
import { skippedAgain } from '../../groups/retry-note.ts';
import { askAndFollow } from '../../run/follow.ts';
import { runHere } from '../../run/foreground.ts';
import { TakenOptions } from '../../run/run-options.ts';
import { takeGroup } from '../../run/take.ts';
import { cleanLine, jsonLine } from '../../text.ts';

const RetryOptions = TakenOptions.extend({
  session: z.array(z.string()).optional(),
  fresh: z.boolean().default(false),
  dryRun: z.boolean().default(false),
  wait: z.boolean().default(true),
});

/** `group retry ID`: retries sessions that failed, were stopped, or were skipped as a result. */
export async function groupRetry(context: CliContext, word: string, given: unknown): Promise<void> {
  const { services, io } = context;
  const { session: sessions, fresh, dryRun, wait, ...options } = RetryOptions.parse(given);
  const selected = sessions === undefined ? {} : { sessions };
  const check = (stored: SavedGroupView['stored']) => {
    for (const id of sessions ?? []) sessionsNamed(id, stored);
  };
  const isTold = sessions !== undefined && !options.json;
  const tell = (saved: SavedGroupView) => {
    if (!isTold) return;
    for (const line of skippedAgain(saved, sessions)) io.stderr.write(`${cleanLine(line)}\n`);
  };
  context.exitCode = await reachGroup(word, context, options, {
    owned: async (client, stored) => {
      check(stored);
      if (isTold) tell(await readSaved(stored, services));
      const { id } = stored.group;
      if (dryRun) {
        const plan = await client.request('retry', { ...selected, dryRun });
        const again = 'sessions' in plan && Array.isArray(plan.sessions) ? plan.sessions : [];
        return printPlan(again, id, options.json, context);
      }
      const ask = () => askToRetry(client, { ...selected, fresh }, { wait: false });
      if (wait) return withCommand(id, askAndFollow(client, stored, ask, options, context));
      await ask();
      return printAccepted(id, 'retry', options.json, io);
    },
    free: async (stored, store) => {
      check(stored);
      if (dryRun) {
        const saved = await readSaved(stored, services);
        tell(saved);
        return printPlan(saved.view.retryPlan(sessions), stored.group.id, options.json, context);
      }
      tell(await readForRetry(sessions, stored, services));
      if (!wait)
        throw new UsageError(
          'no other process runs the group, so this command must: --no-wait is not possible',
        );
      const { open, begin } = RUNNING_VERBS.retry;
      const group = await takeGroup(stored, store, context, { ...options, ...open });
      const begun = runHere(group, () => begin(group, { ...selected, fresh }), options, context);
      return withCommand(group.id, begun);
    },
    // It is to be retried; what is left is to go on.
    applied: async (stored, store) => {
      if (!wait || (await answerToLost('retry', stored, services, wait)))
        return printAccepted(stored.group.id, 'retry', options.json, io);
      const saved = await readForVerb('resume', stored, services);
      const group = await takeGroup(stored, store, context, options);
      const begun = runHere(group, () => RUNNING_VERBS.resume.begin(group, {}, saved), options, context);
      return withCommand(group.id, begun);
    },
  });
}

function printPlan(sessions: readonly string[], groupId: string, json: boolean, { io }: CliContext): number {
  if (json) io.stdout.write(jsonLine({ type: 'retry_plan', groupId, sessions }));
  else if (sessions.length > 0) io.stdout.write(`${sessions.join('\n')}\n`);
  else io.stderr.write('No session would be retried.\n');
  return 0;
}
