import type { TakingVerb } from '../../control/verbs.ts';
import { VERBS, type VerbRow } from '../../words/verbs.ts';
import type { PlainVerb } from '../commands/plain-verb.ts';
import { lazily, type Register } from './lazily.ts';
import { NO_WAIT_OPTION, RESULT_OPTION, TAKE_OVER_OPTION } from './options.ts';
import { type CommandOf, verbCommand } from './verb-command.ts';

export type { PlainVerb };

/** Of each, whether a group without an owner is taken over for it; apart from what then happens, which loads the engine. */
export const PLAIN_VERBS = {
  pause: 'taken',
  stop: 'taken',
  session_pause: 'taken',
  session_resume: 'taken',
} as const satisfies {
  readonly [V in PlainVerb]: V extends TakingVerb ? 'taken' : 'refused';
};

/** The command of a plain verb. */
export const plainVerb =
  (verb: PlainVerb, name: CommandOf<PlainVerb>): Register =>
  (program, context) => {
    const { until }: VerbRow = VERBS[verb];
    const command = verbCommand(program, verb, name);
    if (until !== undefined) command.option(...NO_WAIT_OPTION);
    if (PLAIN_VERBS[verb] === 'taken') command.option(...TAKE_OVER_OPTION);
    command
      .option(...RESULT_OPTION)
      .action(lazily(context, async () => (await import('../commands/plain-verb.ts')).plainVerb(verb, name)));
  };
