import type { StateValue } from 'xstate';

/** The innermost state of a chart without parallel ones. */
export const leafOf = (value: StateValue): string =>
  typeof value === 'string' ? value : leafOf(Object.values(value)[0] ?? '');

/** A group's status; of one whose engine died, `interrupted.` and what it was at. */
export const stateOf = (value: StateValue = ''): string =>
  typeof value === 'object' && 'interrupted' in value ? `interrupted.${leafOf(value)}` : leafOf(value);
