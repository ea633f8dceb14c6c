import type { Register } from './lazily.ts';
import {
  sessionDiff,
  sessionList,
  sessionLogs,
  sessionOpen,
  sessionShow,
  sessionVerify,
} from './session-commands.ts';
import { verbCommands } from './verbs.ts';

/** `session …`: works with one session of a saved group, from any process. */
export const session: Register = (program, context) => {
  const noun = program
    .command('session')
    .helpCommand(false)
    .description('Inspect, add and hold the sessions of a group, and answer their permission requests');
  const registers = [
    sessionList,
    sessionShow,
    sessionLogs,
    sessionOpen,
    sessionDiff,
    sessionVerify,
    ...verbCommands('session'),
  ];
  for (const register of registers) register(noun, context);
};
