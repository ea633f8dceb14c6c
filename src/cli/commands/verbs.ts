import { BRIEF_VERBS } from '../../control/verbs.ts';
import { VERB_NAMES, type Verb } from '../../words/verbs.ts';
import type { Register } from '../context.ts';
import { registerGroupArchive } from './group/archive.ts';
import { registerGroupDelete } from './group/delete.ts';
import { registerGroupIntegrate } from './group/integrate.ts';
import { registerGroupResume } from './group/resume.ts';
import { registerGroupRetry } from './group/retry.ts';
import { registerGroupRun } from './group/run.ts';
import { registerGroupShow } from './group/show.ts';
import { registerGroupUpdate } from './group/update.ts';
import { registerGroupWatch } from './group/watch.ts';
import { type PlainVerb, plainVerb } from './plain-verb.ts';
import { registerSessionAdd } from './session/add.ts';
import { registerSessionApprove, registerSessionDeny } from './session/answer.ts';
import { registerSessionPause } from './session/pause.ts';
import { registerSessionWhy } from './session/why.ts';
import { type CommandOf, commandsOf } from './verb-command.ts';

type Command = { [V in Verb]: CommandOf<V> }[Verb];
type PlainCommand = CommandOf<PlainVerb>;

/** Commands that are more than a plain verb. */
const CUSTOM_COMMANDS = {
  'group show': registerGroupShow,
  'group watch': registerGroupWatch,
  'group run': registerGroupRun,
  'group resume': registerGroupResume,
  'group retry': registerGroupRetry,
  'group integrate': registerGroupIntegrate,
  'group archive': registerGroupArchive,
  'group delete': registerGroupDelete,
  'group update': registerGroupUpdate,
  'session add': registerSessionAdd,
  'session why': registerSessionWhy,
  'session pause': registerSessionPause,
  'session approve': registerSessionApprove,
  'session deny': registerSessionDeny,
} satisfies Record<Exclude<Command, PlainCommand>, Register> & Partial<Record<PlainCommand, Register>>;

const CUSTOM: Readonly<Partial<Record<string, Register>>> = CUSTOM_COMMANDS;
/** All others are plain: the type above checks it. */
const isPlain = (verb: Verb): verb is PlainVerb => Object.hasOwn(BRIEF_VERBS, verb);

/** The commands of the verbs, in the order of the table. */
export function verbCommands(of: 'group' | 'session'): Register[] {
  const isWanted = (name: string) => name.startsWith(of);
  return VERB_NAMES.flatMap(verb =>
    isPlain(verb)
      ? commandsOf(verb)
          .filter(isWanted)
          .map(name => CUSTOM[name] ?? plainVerb(verb, name))
      : commandsOf(verb)
          .filter(isWanted)
          .flatMap(name => CUSTOM[name] ?? []),
  );
}
