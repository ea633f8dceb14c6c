import { SessionGroupsError } from '../../errors.ts';

/** Why a record could not be written. */
export type JournalErrorCode = 'disk_full' | 'journal_read_only' | 'journal_io' | 'journal_closed';

/** A record could not be written. The journal ends with the last complete record, without a part of this one. */
export class JournalError extends SessionGroupsError {
  override readonly name = 'JournalError';
  override readonly code: JournalErrorCode;

  constructor(code: JournalErrorCode, path: string, cause?: unknown) {
    const { text, hint } = TEXTS[code];
    const detail = cause instanceof Error ? `: ${cause.message}` : '';
    super(code, `${path}: ${text}${detail}`, { cause, ...(hint === undefined ? {} : { hint }) });
    this.code = code;
  }
}

const TEXTS: Readonly<Record<JournalErrorCode, { readonly text: string; readonly hint?: string }>> = {
  disk_full: { text: 'no space is left for the journal', hint: 'Free some space, then resume the group.' },
  journal_read_only: {
    text: 'the journal is not writable',
    hint: 'Make the folder writable, then resume the group.',
  },
  journal_io: { text: 'writing the journal failed', hint: 'Check the disk, then resume the group.' },
  journal_closed: { text: 'the journal is closed' },
};

/** The journal contains something that was never appended to it. Nothing was overwritten. */
export class JournalDamagedError extends SessionGroupsError {
  override readonly name = 'JournalDamagedError';
  readonly path: string;
  /** 1-based. */
  readonly line: number;
  readonly reason: string;

  constructor(path: string, line: number, reason: string) {
    super('journal_damaged', `${path}, line ${line}: ${reason}`, {
      hint: 'Nothing was changed. Restore the file from a backup, or delete the group.',
    });
    this.path = path;
    this.line = line;
    this.reason = reason;
  }
}

/** The journal was written by a newer version of the program. */
export class JournalVersionError extends SessionGroupsError {
  override readonly name = 'JournalVersionError';

  /** @param known the highest version that this program supports. */
  constructor(path: string, version: unknown, known: number) {
    const versions = known === 1 ? '1' : `1 to ${known}`;
    const text = `${path}: written in version ${version} of the format; this program knows ${versions}`;
    super('journal_version', text, { hint: 'Update session-groups to open this group.' });
  }
}

/** The error code for a file system error. */
export function journalErrorCode(error: unknown): JournalErrorCode {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG') return 'disk_full';
  if (code === 'EROFS' || code === 'EACCES' || code === 'EPERM') return 'journal_read_only';
  return 'journal_io';
}
