import { askToResume } from '../../../control/ask-owner.ts';
import { RUNNING_VERBS } from '../../../control/verbs.ts';
import { UsdLimit } from '../../../sdk/usd.ts';
import type { CliContext } from '../../context.ts';
import { reachGroup } from '../../groups/reach.ts';
import { readForVerb, withCommand } from '../../groups/refusals.ts';
import { askAndFollow } from '../../run/follow.ts';
import { runHere } from '../../run/foreground.ts';
import { TakenOptions } from '../../run/run-options.ts';
import { takeGroup } from '../../run/take.ts';

const ResumeOptions = TakenOptions.extend({
  maxBudgetUsd: UsdLimit.optional(),
});

/** `group resume ID`: resumes a paused or interrupted group, here or in the process that owns it. */
export async function groupResume(context: CliContext, word: string, given: unknown): Promise<void> {
  const { services } = context;
  const { maxBudgetUsd, ...options } = ResumeOptions.parse(given);
  context.exitCode = await reachGroup(word, context, options, {
    owned: (client, stored) => {
      const ask = () => askToResume(client, maxBudgetUsd, { wait: false });
      return withCommand(stored.group.id, askAndFollow(client, stored, ask, options, context));
    },
    free: async (stored, store) => {
      const saved = await readForVerb('resume', stored, services);
      const group = await takeGroup(stored, store, context, options);
      const begin = () => RUNNING_VERBS.resume.begin(group, { maxBudgetUsd }, saved);
      return withCommand(group.id, runHere(group, begin, options, context));
    },
  });
}
