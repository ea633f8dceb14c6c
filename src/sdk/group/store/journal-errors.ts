import { SessionGroupsError } from '../../errors.ts';

export type JournalErrorCode = 'disk_full' | 'journal_read_only' | 'journal_io' | 'journal_closed';

/** A record could not be written. The journal ends with the last record that was; nothing of this one is left. */
export class JournalError extends SessionGroupsError {
  override readonly name = 'JournalError';
  override readonly code: JournalErrorCode;

  constructor(code: JournalErrorCode, path: string, cause?: unknown) {
    const { text, hint } = WORDS[code];
    const detail = cause instanceof Error ? `: ${cause.message}` : '';
    super(code, `${path}: ${text}${detail}`, { cause, ...(hint === undefined ? {} : { hint }) });
    this.code = code;
  }
}

const WORDS: Readonly<Record<JournalErrorCode, { readonly text: string; readonly hint?: string }>> = {
  disk_full: { text: 'no space is left for the journal', hint: 'Free some space, then resume the group.' },
  journal_read_only: {
    text: 'the journal cannot be written to',
    hint: 'Make the folder writable, then resume the group.',
  },
  journal_io: { text: 'writing the journal failed', hint: 'Check the disk, then resume the group.' },
  journal_closed: { text: 'the journal is closed' },
};

/** The journal says something that it cannot have been given. Nothing was overwritten. */
export class JournalDamagedError extends SessionGroupsError {
  override readonly name = 'JournalDamagedError';
  readonly path: string;
  /** 1 is the first line. */
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

/** A newer version of the program wrote it. */
export class JournalVersionError extends SessionGroupsError {
  override readonly name = 'JournalVersionError';

  /** @param known the highest that this program knows. */
  constructor(path: string, version: unknown, known: number) {
    super(
      'journal_version',
      `${path}: written in version ${String(version)} of the format; this program knows ${known === 1 ? '1' : `1 to ${known}`}`,
      {
        hint: 'Update session-groups to open this group.',
      },
    );
  }
}

/** The code for an error of the file system. */
export function journalErrorCode(error: unknown): JournalErrorCode {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG') return 'disk_full';
  if (code === 'EROFS' || code === 'EACCES' || code === 'EPERM') return 'journal_read_only';
  return 'journal_io';
}
