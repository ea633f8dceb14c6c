import { VERB_NAMES, type Verb } from '../../words/verbs.ts';
import {
  groupArchive,
  groupDelete,
  groupIntegrate,
  groupResume,
  groupRetry,
  groupRun,
  groupShow,
  groupUpdate,
  groupWatch,
} from './group-commands.ts';
import type { Register } from './lazily.ts';
import { PLAIN_VERBS, type PlainVerb, plainVerb } from './plain-verb.ts';
import {
  sessionAdd,
  sessionApprove,
  sessionDeny,
  sessionPause,
  sessionSend,
  sessionWhy,
} from './session-commands.ts';
import { type CommandOf, commandsOf } from './verb-command.ts';

type Command = { [V in Verb]: CommandOf<V> }[Verb];
type PlainCommand = CommandOf<PlainVerb>;

/** Commands that are more than a plain verb. */
const CUSTOM_COMMANDS = {
  'group show': groupShow,
  'group watch': groupWatch,
  'group run': groupRun,
  'group resume': groupResume,
  'group retry': groupRetry,
  'group integrate': groupIntegrate,
  'group archive': groupArchive,
  'group delete': groupDelete,
  'group update': groupUpdate,
  'session add': sessionAdd,
  'session why': sessionWhy,
  'session pause': sessionPause,
  'session send': sessionSend,
  'session approve': sessionApprove,
  'session deny': sessionDeny,
} satisfies Record<Exclude<Command, PlainCommand>, Register> & Partial<Record<PlainCommand, Register>>;

const CUSTOM: Readonly<Partial<Record<string, Register>>> = CUSTOM_COMMANDS;
/** All others are plain: the type above checks it. */
const isPlain = (verb: Verb): verb is PlainVerb => Object.hasOwn(PLAIN_VERBS, verb);

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
