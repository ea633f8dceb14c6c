import type { StateValue } from 'xstate';
import { leafOf } from '../../src/sdk/testing/lifecycle/sessions.ts';

export { leafOf };

/** A group's status; of one whose engine died, `interrupted.` and what it was at. */
export const stateOf = (value: StateValue = ''): string =>
  typeof value === 'object' && 'interrupted' in value ? `interrupted.${leafOf(value)}` : leafOf(value);
