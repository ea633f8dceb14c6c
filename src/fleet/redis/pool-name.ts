import { expectArgument } from '../../sdk/argument.ts';

/** Where orders wait that name no pool. */
export const DEFAULT_POOL = 'default';

/** BullMQ's queue names have no colon. */
const POOL = /^[\w-][\w.-]{0,99}$/;

/** @throws SessionGroupsError `invalid_argument`. */
export function expectPool(pool: string): void {
  expectArgument(POOL.test(pool), 'options.pool', 'up to 100 letters, digits, dots, underscores or hyphens');
}
