import { SessionGroupsError } from '../sdk/errors.ts';
import { journalErrorCode } from '../sdk/group/store/journal-errors.ts';

/** Runs a step of a store; turns file system errors into typed errors that name the folder. */
export async function storeErrors<T>(folder: string, run: () => T): Promise<T> {
  return storeErrorsAtOnce(folder, run);
}

export function storeErrorsAtOnce<T>(folder: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof SessionGroupsError || !isSystemError(error)) throw error;
    const { code, hint } = ERRORS[journalErrorCode(error)];
    throw new SessionGroupsError(code, `cannot use ${folder}: ${error.message}`, { cause: error, hint });
  }
}

const ERRORS = {
  disk_full: { code: 'disk_full', hint: 'Free some space.' },
  journal_read_only: {
    code: 'store_read_only',
    hint: 'Make the folder writable and readable for this account, or set SESSION_GROUPS_DATA_DIR to another.',
  },
  journal_io: { code: 'store_io', hint: 'Check the folder, or set SESSION_GROUPS_DATA_DIR to another.' },
  journal_closed: { code: 'store_io', hint: 'Check the folder.' },
} as const;

const isSystemError = (error: unknown): error is Error =>
  error instanceof Error && 'syscall' in error && 'code' in error;
