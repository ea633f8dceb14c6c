import type { Register } from '../context.ts';
import { registerSessionList } from './session/list.ts';
import { registerSessionLogs } from './session/logs.ts';
import { registerSessionShow } from './session/show.ts';
import { verbCommands } from './verbs.ts';

/** `session …`: one session of a group that is kept, from any process. */
export const registerSession: Register = (program, context) => {
  const session = program
    .command('session')
    .helpCommand(false)
    .description('Look into the sessions of a group, add, hold and answer them');
  const registers = [
    registerSessionList,
    registerSessionShow,
    registerSessionLogs,
    ...verbCommands('session'),
  ];
  for (const register of registers) register(session, context);
};
