import { SessionGroupsError } from '../../errors.ts';
import type { Journal } from './journal.ts';
import type { JournalRecord } from './records.ts';

/**
 * A journal whose disk may fail (design-docs/adr/0012-failing-disk.md).
 *
 * BUFFER-1 what has happened is kept in memory, in order, until the journal takes it, and before anything newer. How
 *    much that can be is bounded by what live agents still say while the group pauses.
 * BUFFER-2 what is about to be started is announced, or not started: nothing is left of an announcement that failed.
 * BUFFER-3 once it has failed, nothing is announced until `recover` has succeeded; a record that came through meanwhile
 *    does not change that.
 */
export class BufferedRecords {
  readonly #journal: Journal;
  readonly #onLateFailure: () => void;
  readonly #held: JournalRecord[] = [];
  #failure: SessionGroupsError | undefined;
  #syncing = false;

  /** @param onLateFailure of what was written before, found out later. */
  constructor(journal: Journal, onLateFailure: () => void) {
    this.#journal = journal;
    this.#onLateFailure = onLateFailure;
  }

  /** Why nothing may start; undefined while all is well. */
  get failure(): SessionGroupsError | undefined {
    return this.#failure;
  }

  /** What has happened and is not written. */
  get held(): readonly JournalRecord[] {
    return this.#held;
  }

  /** Takes in what has happened. Never throws. */
  keep(record: JournalRecord): void {
    this.#held.push(record);
    this.tryToWrite();
  }

  /** @throws what the journal said; then nothing of the record is left. */
  announce(record: JournalRecord): void {
    if (this.#failure) throw this.#failure;
    try {
      this.#journal.append(record);
    } catch (reason) {
      throw this.#failed(reason);
    }
    this.#written();
  }

  /** Never throws; false while something is held. */
  tryToWrite(): boolean {
    try {
      this.#writeHeld();
      return true;
    } catch (reason) {
      this.#failed(reason);
      return false;
    }
  }

  /** Makes sure that records can be written, and writes what is held; gives what keeps it from that. */
  recover(): SessionGroupsError | undefined {
    try {
      this.#journal.recover?.();
      this.#writeHeld();
    } catch (reason) {
      return this.#failed(reason);
    }
    this.#failure = this.#journal.exhausted;
    return this.#failure;
  }

  #writeHeld(): void {
    for (let next = this.#held[0]; next; next = this.#held[0]) {
      this.#journal.append(next);
      this.#held.shift();
      this.#written();
    }
  }

  #written(): void {
    if (this.#journal.exhausted) this.#failed(this.#journal.exhausted);
    if (this.#syncing) return;
    this.#syncing = true;
    this.#journal.synced().then(
      () => {
        this.#syncing = false;
      },
      reason => {
        this.#syncing = false;
        if (this.#failure) return;
        this.#failed(reason);
        this.#onLateFailure();
      },
    );
  }

  /** Something else of the store has failed, without which nothing may start. */
  fail(reason: unknown): SessionGroupsError {
    return this.#failed(reason);
  }

  #failed(reason: unknown): SessionGroupsError {
    const failure = storeFailure(reason);
    this.#failure ??= failure;
    return failure;
  }
}

function storeFailure(reason: unknown): SessionGroupsError {
  if (reason instanceof SessionGroupsError) return reason;
  const text = reason instanceof Error ? reason.message : String(reason);
  return new SessionGroupsError('store_failed', `the group's folder cannot be used: ${text}`, {
    cause: reason,
    hint: 'Free some space, or make the folder writable, then resume the group.',
  });
}

/** Names what will be missing when nobody writes it any more. */
export function lostRecords(held: readonly JournalRecord[], cause: SessionGroupsError): SessionGroupsError {
  const counts = new Map<string, number>();
  for (const record of held) {
    const of = 'sessionId' in record && record.sessionId !== undefined ? ` of ${record.sessionId}` : '';
    const name = `${record.type.replace(/^_/, '')}${of}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const names = [...counts].map(([name, count]) => (count === 1 ? name : `${count} × ${name}`));
  const shown = names.slice(0, MOST_NAMES).join(', ');
  const more = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : '';
  return new SessionGroupsError(
    'records_lost',
    `${held.length} ${held.length === 1 ? 'record was' : 'records were'} not written: ${shown}${more} (${cause.message})`,
    {
      cause,
      hint: 'Whoever resumes the group goes on from the last record that was written: what these tell may be done again.',
    },
  );
}

const MOST_NAMES = 20;
