import {
  catchLater,
  isPromised,
  SessionGroupsError,
  shielded,
  textOfThrown,
  unusable,
} from '../../errors.ts';
import type { GroupFold } from './fold.ts';
import type { Journal } from './journal.ts';
import type { JournalRecord } from './records.ts';

/**
 * Writes records to a journal whose disk may fail (design-docs/adr/0012-failing-disk.md).
 *
 * BUFFER-1 records of what has happened are buffered in memory until the journal accepts them, in order. The buffer is
 *    bounded by what live agents still report while the group pauses.
 * BUFFER-2 an announcement of something about to start is written or fails; a failed one leaves no trace.
 * BUFFER-3 after a failure, announcements fail until `recover` succeeds, even if other records get written meanwhile.
 */
export class BufferedRecords {
  readonly #journal: Journal;
  readonly #onLateFailure: () => void;
  readonly #held: JournalRecord[] = [];
  #failure: SessionGroupsError | undefined;
  #syncing = false;
  /** The journal writes nothing at once. */
  #refused: SessionGroupsError | undefined;

  /** @param onLateFailure called if a record turns out later not to have been synced. */
  constructor(journal: Journal, onLateFailure: () => void) {
    this.#journal = journal;
    this.#onLateFailure = onLateFailure;
  }

  /** Why nothing may start; undefined if there was no failure. */
  get failure(): SessionGroupsError | undefined {
    return this.#failure;
  }

  /** Records that are not written yet. */
  get held(): readonly JournalRecord[] {
    return this.#held;
  }

  /** Writes or buffers the record of something that has happened. Never throws. */
  keep(record: JournalRecord): void {
    this.#held.push(record);
    this.tryToWrite();
  }

  /** @throws the journal's error; then no part of the record is left. */
  announce(record: JournalRecord): void {
    if (this.#failure) throw this.#failure;
    try {
      this.#append(record);
    } catch (reason) {
      throw this.#failed(reason);
    }
    this.#written();
  }

  /** Writes the buffered records. Never throws; false if some are still unwritten. */
  tryToWrite(): boolean {
    try {
      this.#writeHeld();
      return true;
    } catch (reason) {
      this.#failed(reason);
      return false;
    }
  }

  /** Makes sure that records can be written, and writes the buffered ones; returns the error if that fails. */
  recover(): SessionGroupsError | undefined {
    try {
      catchLater(this.#journal.recover?.(), reason => this.#failedLater(reason));
      this.#writeHeld();
    } catch (reason) {
      return this.#failed(reason);
    }
    this.#failure = this.#journal.exhausted;
    return this.#failure;
  }

  #writeHeld(): void {
    for (let next = this.#held[0]; next; next = this.#held[0]) {
      this.#append(next);
      this.#held.shift();
      this.#written();
    }
  }

  #written(): void {
    if (this.#journal.exhausted) this.#failed(this.#journal.exhausted);
    if (this.#syncing) return;
    this.#syncing = true;
    this.#synced().then(
      () => {
        this.#syncing = false;
      },
      reason => {
        this.#syncing = false;
        this.#failedLater(reason);
      },
    );
  }

  /** An answer that comes later is none, since what is announced starts at once; such a journal is not asked again. */
  #append(record: JournalRecord): void {
    if (this.#refused) throw this.#refused;
    const answer: unknown = this.#journal.append(record);
    if (!isPromised(answer)) return;
    catchLater(answer, () => {});
    this.#refused = storeFailure(unusable('append()', answer));
    throw this.#refused;
  }

  #failedLater(reason: unknown): void {
    if (this.#failure) return;
    this.#failed(reason);
    this.#onLateFailure();
  }

  /** Hands over the fold of what is written. Never throws. */
  folded(fold: GroupFold): void {
    shielded(
      () => this.#journal.folded?.(fold),
      reason => this.#failedLater(reason),
    );
  }

  /** Never throws itself: a journal that does has failed later, too. */
  async #synced(): Promise<void> {
    await this.#journal.synced();
  }

  /** Another part of the store has failed, so that nothing may start. */
  fail(reason: unknown): SessionGroupsError {
    return this.#failed(reason);
  }

  #failed(reason: unknown): SessionGroupsError {
    const failure = storeFailure(reason);
    this.#failure ??= failure;
    return failure;
  }
}

/** What a store or a journal threw, as an error with a code. */
export function storeFailure(reason: unknown): SessionGroupsError {
  if (reason instanceof SessionGroupsError) return reason;
  return new SessionGroupsError(
    'store_failed',
    `the group's folder cannot be used: ${textOfThrown(reason)}`,
    {
      cause: reason,
      hint: 'Free some space, or make the folder writable, then resume the group.',
    },
  );
}

/** An error that names the records that will be missing. */
export function lostRecords(held: readonly JournalRecord[], cause: SessionGroupsError): SessionGroupsError {
  const counts = new Map<string, number>();
  for (const record of held) {
    const of = 'sessionId' in record && record.sessionId !== undefined ? ` of ${record.sessionId}` : '';
    const name = `${record.type.replace(/^_/, '')}${of}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const names = [...counts].map(([name, count]) => (count === 1 ? name : `${count} × ${name}`));
  const shown = names.slice(0, MAX_NAMES).join(', ');
  const more = names.length > MAX_NAMES ? ` and ${names.length - MAX_NAMES} more` : '';
  const records = held.length === 1 ? '1 record was' : `${held.length} records were`;
  const text = `${records} not written: ${shown}${more} (${cause.message})`;
  const hint =
    'The group resumes from the last written record, so work covered by these records may be repeated.';
  return new SessionGroupsError('records_lost', text, { cause, hint });
}

const MAX_NAMES = 20;
