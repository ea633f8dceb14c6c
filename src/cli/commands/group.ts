import type { Register } from '../context.ts';
import { registerGroupCreate } from './group/create.ts';
import { registerGroupList } from './group/list.ts';
import { registerGroupPrune } from './group/prune.ts';
import { verbCommands } from './verbs.ts';

/** `group …`: works with saved groups, from any process. */
export const registerGroup: Register = (program, context) => {
  const group = program
    .command('group')
    .helpCommand(false)
    .description('List, watch, pause, resume and update saved groups');
  const registers = [registerGroupList, registerGroupCreate, ...verbCommands('group'), registerGroupPrune];
  for (const register of registers) register(group, context);
};
