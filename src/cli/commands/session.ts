import type { Register } from '../context.ts';
import { registerSessionAdd } from './session/add.ts';
import { registerSessionAnswers } from './session/answer.ts';
import { registerSessionList } from './session/list.ts';
import { registerSessionLogs } from './session/logs.ts';
import { registerSessionPause } from './session/pause.ts';
import { registerSessionResume } from './session/resume.ts';
import { registerSessionShow } from './session/show.ts';
import { registerSessionWhy } from './session/why.ts';

/** `session …`: one session of a group that is kept, from any process. */
export const registerSession: Register = (program, context) => {
  const session = program
    .command('session')
    .helpCommand(false)
    .description('Look into the sessions of a group, add, hold and answer them');
  for (const register of [
    registerSessionAdd,
    registerSessionList,
    registerSessionShow,
    registerSessionLogs,
    registerSessionWhy,
    registerSessionPause,
    registerSessionResume,
    registerSessionAnswers,
  ]) {
    register(session, context);
  }
};
