import { readSaved } from '../../../control/read-saved.ts';
import { RUNNING_VERBS } from '../../../control/verbs.ts';
import type { Register } from '../../context.ts';
import { reachGroup } from '../../groups/reach.ts';
import { notRunFromHere, readForVerb } from '../../groups/refusals.ts';
import { runHere } from '../../run/foreground.ts';
import { TakenOptions, takenOptions } from '../../run/run-options.ts';
import { takeGroup } from '../../run/take.ts';
import { verbCommand } from '../verb-command.ts';

/** `group run ID`: starts a created group. */
export const registerGroupRun: Register = (program, context) => {
  const command = verbCommand(program, 'run', 'group run');
  takenOptions(command).action(async (word: string, given: unknown) => {
    const options = TakenOptions.parse(given);
    context.exitCode = await reachGroup(word, context, options, {
      owned: async (_client, stored) => {
        throw notRunFromHere(await readSaved(stored, context.services), stored);
      },
      free: async (stored, store) => {
        await readForVerb('run', stored, context.services);
        const group = await takeGroup(stored, store, context, options);
        return runHere(group, () => RUNNING_VERBS.run.begin(group), options, context.io);
      },
    });
  });
};
