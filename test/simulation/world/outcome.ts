import { SessionGroupsError } from '../../../src/sdk/errors.ts';
import type { Happening } from '../history.ts';
import { ProcessIsDead } from './process-disk.ts';
import type { WebAnswer } from './watching/web.ts';

type Answer = Omit<Extract<Happening, { kind: 'answer' }>, 'kind' | 'id'>;

/** Codes that say that the machine has failed or an owner is gone, not that the request is refused. */
const OF_THE_MACHINE: ReadonlySet<string> = new Set([
  ...['store_failed', 'store_read_only', 'store_io', 'disk_full', 'journal_read_only', 'journal_io'],
  ...['journal_closed', 'records_lost', 'result_lost', 'config_not_written', 'owner_gone', 'owner_leaving'],
  ...['owner_contended', 'address_in_use', 'manager_disposed', 'history_missing'],
]);

/** Codes that stand for an error that nobody has expected. */
const UNEXPECTED: ReadonlySet<string> = new Set(['internal_error', 'unknown_error']);

function typed(code: string, message: string): Answer {
  const outcome = UNEXPECTED.has(code) ? 'untyped' : OF_THE_MACHINE.has(code) ? 'failed' : 'refused';
  return { outcome, code, message };
}

/** Whether the error comes from a process that was dead. */
export function isOfDead(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof ProcessIsDead) return true;
  }
  return false;
}

/** Whether a view says that there is no such group. */
export const isUnknown = (error: unknown): boolean =>
  error instanceof SessionGroupsError && error.code === 'unknown_group';

/** What a caller makes of the error; undefined if its own process has died. */
export function outcomeOf(error: unknown): Answer | undefined {
  if (error instanceof ProcessIsDead) return undefined;
  if (error instanceof SessionGroupsError) return typed(error.code, error.message);
  return {
    outcome: 'untyped',
    message: error instanceof Error ? (error.stack ?? error.message) : String(error),
  };
}

export function outcomeOfWeb({ status, body }: WebAnswer): Answer {
  if (status < 400) return { outcome: 'accepted', status };
  const { error } = body;
  if (typeof error !== 'object' || error === null || !('code' in error) || typeof error.code !== 'string') {
    return { outcome: 'untyped', message: `HTTP ${status} ${JSON.stringify(body)}` };
  }
  return { ...typed(error.code, 'message' in error ? String(error.message) : ''), status };
}
