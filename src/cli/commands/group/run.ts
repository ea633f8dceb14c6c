import { readSaved } from '../../../control/read-saved.ts';
import { RUNNING_VERBS } from '../../../control/verbs.ts';
import type { CliContext } from '../../context.ts';
import { reachGroup } from '../../groups/reach.ts';
import { notRunFromHere, readForVerb } from '../../groups/refusals.ts';
import { runHere } from '../../run/foreground.ts';
import { TakenOptions } from '../../run/run-options.ts';
import { takeGroup } from '../../run/take.ts';

/** `group run ID`: starts a created group. */
export async function groupRun(context: CliContext, word: string, given: unknown): Promise<void> {
  const options = TakenOptions.parse(given);
  context.exitCode = await reachGroup(word, context, options, {
    owned: async (_client, stored) => {
      throw notRunFromHere(await readSaved(stored, context.services), stored);
    },
    free: async (stored, store) => {
      await readForVerb('run', stored, context.services);
      const group = await takeGroup(stored, store, context, options);
      return runHere(group, () => RUNNING_VERBS.run.begin(group), options, context);
    },
  });
}
