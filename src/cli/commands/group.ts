import type { Register } from '../context.ts';
import { registerGroupClean } from './group/clean.ts';
import { registerGroupCreate } from './group/create.ts';
import { registerGroupDiff } from './group/diff.ts';
import { registerGroupList } from './group/list.ts';
import { registerGroupPr } from './group/pr.ts';
import { registerGroupPrune } from './group/prune.ts';
import { verbCommands } from './verbs.ts';

/** `group …`: works with saved groups, from any process. */
export const registerGroup: Register = (program, context) => {
  const group = program
    .command('group')
    .helpCommand(false)
    .description('List, watch, pause, resume and update saved groups');
  const registers = [
    registerGroupList,
    registerGroupCreate,
    ...verbCommands('group'),
    registerGroupDiff,
    registerGroupPr,
    registerGroupClean,
    registerGroupPrune,
  ];
  for (const register of registers) register(group, context);
};
