import { expectArgument, hasMethods, isCount, isObject } from '../../argument.ts';
import type { GroupManagerOptions, SessionGroupOptions } from './options.ts';

/**
 * The shape of what a host passes, before anything is made of it: hosts may be written without types. What their parts do
 * later is held to its rules where it is used.
 */

type Rule = readonly [isRight: (given: unknown) => boolean, expected: string];

const isText = (given: unknown) => typeof given === 'string';
const isStore = (given: unknown) => hasMethods(given, 'create', 'take', 'read', 'list', 'remove');
const STORE: Rule = [isStore, 'a store, such as createFileStore()'];

const RULES: { readonly [K in Exclude<keyof SessionGroupOptions, 'commands'>]-?: Rule } = {
  store: STORE,
  agents: [isObject, 'an object of agents by kind'],
  clock: [
    given => hasMethods(given, 'now', 'monotonic', 'setTimeout', 'clearTimeout'),
    'a clock, such as systemClock',
  ],
  inspect: [given => typeof given === 'function', 'a function'],
  source: [
    given => isObject(given) && isText(given.file) && isText(given.text),
    'an object with file and text',
  ],
  rehearsal: [given => typeof given === 'boolean', 'true or false'],
  baseDir: [isText, 'the path of a folder'],
  variables: [isObject, 'an object of values by name'],
  files: [isObject, 'the files of a definition that was loaded'],
  projects: [given => hasMethods(given, 'tryEnter', 'leave', 'onFreed'), 'a gate, such as fileProjectGate()'],
  workspaces: [isObject, 'an object'],
  executor: [given => typeof given === 'function', 'a function that makes the executor of a group'],
  executors: [given => typeof given === 'function', 'a function that makes a saved executor'],
  slots: [given => hasMethods(given, 'join'), 'slots that groups share'],
  quota: [given => hasMethods(given, 'close', 'closedUntil', 'onClose'), 'a QuotaGate'],
  env: [isObject, 'an object of environment variables'],
  attended: [given => typeof given === 'boolean', 'true or false'],
};

/** @throws SessionGroupsError `invalid_argument`, which names the option. */
export function checkOptions(options: SessionGroupOptions): void {
  expectArgument(isObject(options), 'options', 'an object');
  for (const [name, [isRight, expected]] of Object.entries(RULES)) {
    const given: unknown = Reflect.get(options, name);
    expectArgument(given === undefined || isRight(given), `options.${name}`, expected);
  }
}

/** The same where there has to be a store. */
export function checkStoredOptions(options: SessionGroupOptions & { readonly store: unknown }): void {
  expectArgument(isObject(options), 'options', 'an object');
  const [isRight, expected] = STORE;
  expectArgument(isRight(options.store), 'options.store', expected);
  checkOptions(options);
}

/** @returns the options. */
export function checkedManagerOptions(options: GroupManagerOptions): GroupManagerOptions {
  checkStoredOptions(options);
  const { maxConcurrentSessions: limit } = options;
  expectArgument(
    limit === undefined || isCount(limit, 1),
    'options.maxConcurrentSessions',
    'a whole number above 0',
  );
  return options;
}
