import type { Clock } from '../../clock.ts';
import { catchLater, isPromised, SessionGroupsError, textOfThrown } from '../../errors.ts';
import type { GroupFold } from './fold.ts';
import type { Journal } from './journal.ts';
import type { JournalRecord } from './records.ts';
import { answerInTime, RecordsInFlight } from './records-in-flight.ts';

/**
 * Writes records to a journal whose disk may fail (design-docs/adr/0012-failing-disk.md), and which may take its time.
 *
 * BUFFER-1 records of what has happened are buffered in memory until the journal accepts them, in order. The buffer is
 *    bounded by what live agents still report while the group pauses.
 * BUFFER-2 an announcement of something about to start is written or fails, and nothing starts before it is written. One
 *    that is refused at once leaves no trace; one that is refused later has happened, although nothing has started: it is
 *    buffered like any other.
 * BUFFER-3 after a failure, announcements fail until `recover` succeeds, even if other records get written meanwhile.
 */
export class BufferedRecords {
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #onLateFailure: () => void;
  readonly #held: JournalRecord[] = [];
  readonly #flight: RecordsInFlight;
  #failure: SessionGroupsError | undefined;
  #syncing = false;
  /** The journal has answered with a promise. */
  #isAsync = false;

  /**
   * @param onLateFailure called if a record turns out later not to have been written, or synced.
   * @param onAnswered called after each answer of an asynchronous journal.
   */
  constructor(journal: Journal, clock: Clock, onLateFailure: () => void, onAnswered: () => void) {
    this.#journal = journal;
    this.#clock = clock;
    this.#onLateFailure = onLateFailure;
    this.#flight = new RecordsInFlight(clock, {
      written: () => this.#written(),
      failed: reason => this.#failedLater(reason),
      refused: records => this.#held.unshift(...records),
      answered: onAnswered,
    });
  }

  /** Why nothing may start; undefined if there was no failure. */
  get failure(): SessionGroupsError | undefined {
    return this.#failure;
  }

  /** Records that are not written yet. */
  get held(): readonly JournalRecord[] {
    return this.#flight.size === 0 ? this.#held : [...this.#flight.unwritten, ...this.#held];
  }

  /** An asynchronous journal is writing, and nothing has failed. */
  get isWriting(): boolean {
    return this.#flight.size > 0 && this.#failure === undefined;
  }

  /** The journal has not answered for it. */
  isPending(record: JournalRecord): boolean {
    return this.#flight.isPending(record);
  }

  /** Writes or buffers the record of something that has happened. Never throws. */
  keep(record: JournalRecord): void {
    this.#held.push(record);
    this.tryToWrite();
  }

  /**
   * @returns of an asynchronous journal, a promise of its being written: see `written`.
   * @throws the journal's error; then no part of the record is left.
   */
  announce(record: JournalRecord): Promise<void> | undefined {
    if (this.#failure) throw this.#failure;
    try {
      this.#append(record);
    } catch (reason) {
      throw this.#failed(reason);
    }
    return this.#flight.written();
  }

  /**
   * Resolves once everything so far is written; rejects with the failure if it is not. undefined: an asynchronous journal
   * has written everything, and of a synchronous one nobody has to wait.
   */
  written(): Promise<void> | undefined {
    if (!this.#isAsync || !this.#failure) return this.#flight.written();
    const failed = Promise.reject(this.#failure);
    failed.catch(() => {});
    return failed;
  }

  /** Writes the buffered records. Never throws; false if some are refused again. */
  tryToWrite(): boolean {
    if (this.#flight.isBroken) return false;
    try {
      this.#writeHeld();
      return true;
    } catch (reason) {
      this.#failed(reason);
      return false;
    }
  }

  /** Tries one last time to write what is left. undefined: there is nothing to wait for. Never rejects. */
  writeLast(): Promise<void> | undefined {
    if (this.#flight.size > 0) return this.#writeLast();
    this.tryToWrite();
    return this.#flight.drained();
  }

  async #writeLast(): Promise<void> {
    await this.#flight.drained();
    this.tryToWrite();
    await this.#flight.drained();
  }

  /** Makes sure that records can be written, and writes the buffered ones; answers with the error if that fails. */
  recover(): Promise<SessionGroupsError | undefined> | SessionGroupsError | undefined {
    try {
      const recovering: unknown = this.#journal.recover?.();
      if (isPromised(recovering)) return this.#recoverLater(recovering);
      if (this.#flight.size === 0) this.#writeHeld();
      if (this.#failure && this.#flight.size > 0) return this.#recoverLater();
    } catch (reason) {
      return this.#failed(reason);
    }
    return this.#recovered();
  }

  async #recoverLater(recovering?: PromiseLike<unknown>): Promise<SessionGroupsError | undefined> {
    try {
      if (recovering) await answerInTime(this.#clock, recovering);
      if (!this.#failure) return undefined;
      await this.#flight.drained();
      if (!this.#flight.isBroken) this.#writeHeld();
      await this.#flight.drained();
    } catch (reason) {
      return this.#failed(reason);
    }
    return this.held.length > 0 ? this.#failure : this.#recovered();
  }

  #recovered(): SessionGroupsError | undefined {
    this.#failure = this.#journal.exhausted;
    return this.#failure;
  }

  #writeHeld(): void {
    for (let next = this.#held[0]; next; next = this.#held[0]) {
      this.#append(next);
      this.#held.shift();
    }
  }

  #append(record: JournalRecord): void {
    const answer: unknown = this.#journal.append(record);
    const isLater = isPromised(answer);
    this.#isAsync ||= isLater;
    if (isLater || this.#flight.size > 0) this.#flight.add(record, answer);
    else this.#written();
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

  #failedLater(reason: unknown): void {
    if (this.#failure) return;
    this.#failed(reason);
    this.#onLateFailure();
  }

  /** Hands over the fold of what is written. Never throws. */
  folded(fold: GroupFold): void {
    try {
      const answer: unknown = this.#journal.folded?.(fold);
      if (answer !== undefined) catchLater(answer, reason => this.#failedLater(reason));
    } catch (reason) {
      this.#failedLater(reason);
    }
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
    this.#flight.fail(this.#failure);
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
