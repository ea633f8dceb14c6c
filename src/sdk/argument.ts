import { SessionGroupsError } from './errors.ts';

/**
 * Checks what a host gives that may be written without types, before anything is done with it.
 * @param place where it was given: `options.baseDir`.
 * @param expected in words: `a string`.
 * @throws SessionGroupsError `invalid_argument`.
 */
export function expectArgument(isRight: boolean, place: string, expected: string): void {
  if (!isRight) throw new SessionGroupsError('invalid_argument', `${place}: expected ${expected}`);
}

export const isObject = (given: unknown): given is Readonly<Record<string, unknown>> =>
  typeof given === 'object' && given !== null && !Array.isArray(given);

export const isStrings = (given: unknown): given is readonly string[] =>
  Array.isArray(given) && given.every(one => typeof one === 'string');

export const isCount = (given: unknown, least = 0): given is number =>
  typeof given === 'number' && Number.isSafeInteger(given) && given >= least;

export const isPort = (given: unknown): boolean => isCount(given) && given <= 65_535;

/** Whether it is an object with all of these methods, its own or inherited. */
export const hasMethods = (given: unknown, ...names: readonly string[]): boolean =>
  typeof given === 'object' &&
  given !== null &&
  names.every(name => typeof Reflect.get(given, name) === 'function');

/** @throws SessionGroupsError `invalid_argument`. */
export function expectSignal(signal: unknown): void {
  const isSignal = hasMethods(signal, 'addEventListener', 'removeEventListener', 'throwIfAborted');
  expectArgument(signal === undefined || isSignal, 'signal', 'an AbortSignal');
}
