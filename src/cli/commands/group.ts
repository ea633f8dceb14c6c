import type { Register } from '../context.ts';
import { registerGroupArchive } from './group/archive.ts';
import { registerGroupCreate } from './group/create.ts';
import { registerGroupDelete } from './group/delete.ts';
import { registerGroupList } from './group/list.ts';
import { registerGroupPause } from './group/pause.ts';
import { registerGroupPrune } from './group/prune.ts';
import { registerGroupResume } from './group/resume.ts';
import { registerGroupRetry } from './group/retry.ts';
import { registerGroupRun } from './group/run.ts';
import { registerGroupShow } from './group/show.ts';
import { registerGroupStop } from './group/stop.ts';
import { registerGroupUpdate } from './group/update.ts';
import { registerGroupWatch } from './group/watch.ts';

/** `group …`: what is done to groups that are kept, from any process. */
export const registerGroup: Register = (program, context) => {
  const group = program
    .command('group')
    .helpCommand(false)
    .description('List, watch, pause, resume and update the groups that are kept');
  for (const register of [
    registerGroupList,
    registerGroupShow,
    registerGroupWatch,
    registerGroupPause,
    registerGroupResume,
    registerGroupStop,
    registerGroupRetry,
    registerGroupCreate,
    registerGroupRun,
    registerGroupUpdate,
    registerGroupArchive,
    registerGroupDelete,
    registerGroupPrune,
  ]) {
    register(group, context);
  }
};
