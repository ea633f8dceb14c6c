import { groupClean, groupCreate, groupDiff, groupList, groupPr, groupPrune } from './group-commands.ts';
import type { Register } from './lazily.ts';
import { verbCommands } from './verbs.ts';

/** `group …`: works with saved groups, from any process. */
export const group: Register = (program, context) => {
  const noun = program
    .command('group')
    .helpCommand(false)
    .description('List, watch, pause, resume and update saved groups');
  const registers = [
    groupList,
    groupCreate,
    ...verbCommands('group'),
    groupDiff,
    groupPr,
    groupClean,
    groupPrune,
  ];
  for (const register of registers) register(noun, context);
};
