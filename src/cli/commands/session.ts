import type { Register } from '../context.ts';
import { registerSessionDiff } from './session/diff.ts';
import { registerSessionList } from './session/list.ts';
import { registerSessionLogs } from './session/logs.ts';
import { registerSessionShow } from './session/show.ts';
import { registerSessionVerify } from './session/verify.ts';
import { verbCommands } from './verbs.ts';

/** `session …`: works with one session of a saved group, from any process. */
export const registerSession: Register = (program, context) => {
  const session = program
    .command('session')
    .helpCommand(false)
    .description('Inspect, add and hold the sessions of a group, and answer their permission requests');
  const registers = [
    registerSessionList,
    registerSessionShow,
    registerSessionLogs,
    registerSessionDiff,
    registerSessionVerify,
    ...verbCommands('session'),
  ];
  for (const register of registers) register(session, context);
};
