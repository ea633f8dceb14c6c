import type { Command, Option } from 'commander';
import { CHART_FORMATS, CHART_NAMES } from '../../inspect/chart-names.ts';
import { given } from '../../sdk/given.ts';
import { GROUPINGS } from '../cost/groupings.ts';
import { ONLY_LIVE } from '../groups/group-words.ts';
import { SHOWN_SESSION_STATUSES, SHOWN_STATUSES } from '../groups/status.ts';
import { commandNamed } from '../program/help.ts';
import { expanded, SHORTCUTS } from '../program/shortcuts.ts';
import { SHELLS } from './shells.ts';

/** What can be written at a place of the command line. */
export interface Candidate {
  readonly value: string;
  readonly description?: string;
}

/** What is asked for there: words that are known, or names that have to be looked up. */
export type Wanted =
  | { readonly kind: 'words'; readonly words: readonly Candidate[] }
  | { readonly kind: 'group' }
  /** `group`: as it was written, or the one that is live. */
  | { readonly kind: 'session'; readonly group: string }
  /** Of a template, or of a definition; without either, of the definition that the working folder has. */
  | { readonly kind: 'variable'; readonly template?: string; readonly file?: string }
  | { readonly kind: 'template' | 'file' | 'folder' };

export interface Place {
  /** The beginning that is written already, of the value only. */
  readonly typed: string;
  /** What stands before it in the same word: `--status=`, or `failed,`. */
  readonly before: string;
  readonly wanted: readonly Wanted[];
}

/** Finds what is asked for. @param words those after the program's name; the last one is being written. */
export function placeOf(program: Command, words: readonly string[]): Place {
  const last = words.at(-1) ?? '';
  const { command, operands, open, isHelp } = parsed(program, expandedWords(words.slice(0, -1)));
  if (open) return valuePlace(open, last, '', command, operands);
  if (isHelp) return { typed: last, before: '', wanted: commandsOf(command) };
  const [, flag = '', value = ''] = /^(--[\w-]+=)(.*)$/s.exec(last) ?? [];
  const named = flag === '' ? undefined : optionNamed(flag.slice(0, -1), command);
  if (named) return valuePlace(named, value, flag, command, operands);
  if (last.startsWith('-')) return { typed: last, before: '', wanted: [optionsOf(command)] };
  if (command.commands.length > 0) return { typed: last, before: '', wanted: commandsOf(command) };
  return { typed: last, before: '', wanted: argumentAt(command, operands) };
}

const expandedWords = (words: readonly string[]) => (words.length === 0 ? [] : expanded(words));

interface Parsed {
  readonly command: Command;
  readonly operands: readonly string[];
  /** The option whose value comes next. */
  readonly open: Option | undefined;
  readonly isHelp: boolean;
}

function parsed(program: Command, words: readonly string[]): Parsed {
  let command = program;
  let open: Option | undefined;
  let isHelp = false;
  const operands: string[] = [];
  for (const word of words) {
    if (open) open = undefined;
    else if (word.startsWith('-') && word !== '-') {
      const option = optionNamed(word, command);
      open = option?.required ? option : undefined;
    } else if (word === 'help' && command === program) isHelp = true;
    else {
      const next = operands.length === 0 ? commandNamed(word, command) : undefined;
      if (next) command = next;
      else operands.push(word);
    }
  }
  return { command, operands, open, isHelp };
}

const optionNamed = (flag: string, { options }: Command): Option | undefined =>
  options.find(({ long, short }) => flag === long || flag === short);

const optionsOf = ({ options }: Command): Wanted => ({
  kind: 'words',
  words: [
    ...options.flatMap(({ long, description, hidden }) =>
      long && !hidden ? [{ value: long, description }] : [],
    ),
    { value: '--help', description: 'print help' },
  ],
});

function commandsOf(command: Command): Wanted[] {
  const words = command.commands.map(one => ({ value: one.name(), description: one.description() }));
  const short = Object.entries(SHORTCUTS).map(([value, of]) => ({ value, description: of.join(' ') }));
  return [{ kind: 'words', words: command.parent === null ? [...words, ...short] : words }];
}

function argumentAt(command: Command, operands: readonly string[]): Wanted[] {
  const names = command.registeredArguments.map(argument => argument.name());
  const name = names[operands.length];
  if (name === undefined) return [];
  // The group may be left out: then what comes after it comes first.
  const isFirst = name === 'group' && names[1] === 'session';
  return [name, ...(isFirst ? ['session'] : [])].flatMap(one => wantedBy(one, command, operands));
}

/** Of an option that takes several, the last one is completed. */
function valuePlace(
  { long, flags }: Option,
  typed: string,
  flag: string,
  command: Command,
  operands: readonly string[],
): Place {
  const [, value = ''] = /[<[]([\w-]+)/.exec(flags) ?? [];
  const name = OPTIONS[long ?? ''] ?? value;
  const listed = LISTS.has(name) ? typed.slice(0, typed.lastIndexOf(',') + 1) : '';
  const wanted = wantedBy(name, command, operands);
  return { typed: typed.slice(listed.length), before: flag + listed, wanted };
}

/** What options take whose value is not named like it. */
const OPTIONS: Readonly<Record<string, string>> = {
  '--session': 'session',
  '--depends-on': 'session',
  '--template': 'name',
  '--var': 'variable',
};
const LISTS: ReadonlySet<string> = new Set(['status', 'session']);

/** By the name of an argument, or of an option's value. */
function wantedBy(name: string, command: Command, operands: readonly string[]): Wanted[] {
  if (name === 'group') return [{ kind: 'group' }];
  if (name === 'file' || name === 'folder') return [{ kind: name }];
  if (name === 'name') return [{ kind: 'template' }];
  if (name === 'variable') return [{ kind: name, ...definitionOf(command, operands) }];
  if (name === 'session') {
    const isOfGroup = command.registeredArguments[0]?.name() === 'group';
    return isOfGroup ? [{ kind: 'session', group: operands[0] ?? ONLY_LIVE }] : [];
  }
  const words =
    name === 'status' && command.parent?.name() === 'session' ? SHOWN_SESSION_STATUSES : WORDS[name];
  return words ? [{ kind: 'words', words: words.map(value => ({ value })) }] : [];
}

/** What a command's variables are of, as far as it is written already. */
function definitionOf({ registeredArguments }: Command, operands: readonly string[]) {
  const named = (name: string) => operands[registeredArguments.findIndex(one => one.name() === name)];
  return given({ template: named('name'), file: named('file') });
}

const WORDS: Readonly<Record<string, readonly string[]>> = {
  chart: CHART_NAMES,
  format: CHART_FORMATS,
  shell: SHELLS,
  what: GROUPINGS,
  status: SHOWN_STATUSES,
};
