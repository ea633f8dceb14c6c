import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import type { DiskFile } from '../../sdk/disk.ts';
import { removeQuietly, writeAll } from '../../sdk/disk-files.ts';
import { SessionGroupsError } from '../../sdk/errors.ts';
import type { Journal } from '../../sdk/group/journal/journal.ts';
import type { JournalRecord } from '../../sdk/group/journal/records.ts';
import { JournalDamagedError, JournalError, journalErrorCode } from '../../sdk/group/store/journal-errors.ts';
import type { JournalHeader } from './check-record.ts';
import { encodeLine } from './journal-line.ts';
import type { JournalPlace } from './journal-place.ts';
import { type ReadHistory, readHistory } from './read-history.ts';
import type { JournalPosition, ReadJournal } from './read-journal.ts';
import { nextPath, raiseJournal, replaceJournal, Unsynced } from './replace-journal.ts';
import { Reserve } from './reserve.ts';
import type { ReadSnapshot } from './snapshot-file.ts';

/** What a record survives once `synced` has resolved: the death of the process, or of the machine. */
export type Durability = 'process' | 'power';

export interface FileJournalOptions {
  /** Default: process. */
  readonly durability?: Durability;
  /** A file that is given up when the disk is full, for the last records. Default: none. */
  readonly reserve?: string;
  /** What its beginning may be known to be. Default: nothing, and all of it is read. */
  readonly snapshot?: ReadSnapshot | undefined;
}

export interface OpenedJournal {
  readonly journal: FileJournal;
  /** What it held; a torn last line has been cut off. */
  readonly history: ReadHistory;
}

/**
 * The journal of a group as lines in a file, for its owner alone.
 *
 * JOURNAL-1 `append` hands a record to the system in one write: when it returns, the record outlives this process.
 * JOURNAL-2 `append` either leaves a whole line, or throws a JournalError and leaves nothing: what a failed write left
 *    is cut off at once, or, where that fails too, before the next record. So a later attempt may succeed.
 * JOURNAL-3 `synced` under `power` resolves after one fdatasync begun after the last append; all who wait share it.
 * JOURNAL-4 after a failed fdatasync nothing more is promised: every later append throws, and every wait for what it
 *    should have covered, until `recover` has written all of it again, to a new file that takes the old one's place.
 * JOURNAL-5 on a full disk the reserve is given up, once, for what is appended then: `exhausted` says so until
 *    `recover` has made it again.
 * JOURNAL-6 a record that needs a higher version of the format than the journal has raises it first: the journal is
 *    copied with another head, synced, and takes the old one's place at one stroke. Not earlier, so that an older
 *    release can read for as long as it understands all there is.
 */
export class FileJournal implements Journal {
  readonly #place: JournalPlace;
  readonly #durability: Durability;
  readonly #reserve: Reserve | undefined;
  #file: DiskFile;
  #version: number;
  #crc: number;
  /** End of the last whole line. */
  #size: number;
  #lines: number;
  /** Of all bytes up to there. */
  #digest: number;
  #hasRest = false;
  #durableSize = 0;
  /** What no sync has covered yet, under `power`. */
  #unsynced: Unsynced;
  #exhausted: JournalError | undefined;
  #syncing: Promise<void> | undefined;
  #failure: JournalError | undefined;
  #closing: Promise<void> | undefined;

  private constructor(
    place: JournalPlace,
    { durability = 'process', reserve }: FileJournalOptions,
    file: DiskFile,
    history: ReadJournal,
  ) {
    this.#place = place;
    this.#durability = durability;
    this.#reserve = reserve === undefined ? undefined : new Reserve(place.disk, reserve);
    this.#unsynced = new Unsynced({ size: history.wholeBytes, crc: history.crc });
    this.#file = file;
    this.#version = history.version;
    this.#crc = history.crc;
    this.#size = history.wholeBytes;
    this.#lines = history.lines;
    this.#digest = history.digest;
  }

  /**
   * Opens or starts the journal of a place; only the owner of the group may. Cuts off a torn last line.
   * @throws JournalDamagedError, JournalVersionError, JournalError.
   */
  static open(place: JournalPlace, options: FileJournalOptions = {}): OpenedJournal {
    const { disk, path, groupId } = place;
    const history = attempt(path, () => readHistory(place, options.snapshot));
    if (history.groupId !== undefined && history.groupId !== groupId) {
      throw new JournalDamagedError(path, 1, `the journal of another group, ${history.groupId}`);
    }
    const file = attempt(path, () => disk.open(path, 'a'));
    const journal = new FileJournal(place, options, file, history);
    try {
      removeQuietly(disk, nextPath(path)); // of one who died while making it
      if (history.torn) attempt(path, () => file.truncate(history.wholeBytes));
      const header: JournalHeader = { type: '_journal', version: history.version, groupId };
      if (history.groupId === undefined) journal.#write(header);
    } catch (error) {
      file.close();
      throw error;
    }
    return { journal, history };
  }

  /** Where its last record ends. */
  get bytes(): number {
    return this.#size;
  }

  /** Behind the last record. */
  get end(): Omit<JournalPosition, 'nextSeq'> {
    const [version, bytes, lines] = [this.#version, this.#size, this.#lines];
    return { version, bytes, lines, crc: this.#crc, digest: this.#digest };
  }

  /** Of the format. */
  get version(): number {
    return this.#version;
  }

  append(record: JournalRecord): void {
    try {
      this.#take(record);
    } catch (error) {
      const full = error instanceof JournalError && error.code === 'disk_full';
      if (!full || !this.#reserve?.giveUp()) throw error;
      this.#exhausted = error;
      this.#take(record);
    }
  }

  get exhausted(): JournalError | undefined {
    return this.#exhausted;
  }

  recover(): void {
    if (this.#closing) throw new JournalError('journal_closed', this.#place.path);
    attempt(this.#place.path, () => {
      if (this.#failure) this.#replace();
      this.#cutRest();
      this.#reserve?.ensure();
      this.#probe();
    });
    this.#exhausted = undefined;
  }

  async synced(): Promise<void> {
    if (this.#durability === 'process') return;
    const wanted = this.#size;
    while (this.#durableSize < wanted) {
      if (this.#failure) throw this.#failure;
      this.#syncing ??= this.#sync();
      await this.#syncing;
    }
  }

  /** Ends it, after a last `synced`. Safe to call twice. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    try {
      await this.synced();
    } finally {
      this.#reserve?.remove();
      this.#failure ??= new JournalError('journal_closed', this.#place.path);
      this.#file.close();
    }
  }

  #take(record: JournalRecord): void {
    const version = this.#place.format.versionOf(record);
    if (version > this.#version) this.#raise(version);
    this.#write(record);
  }

  #refuseWhenOver(): void {
    if (this.#failure) throw this.#failure;
    if (this.#closing) throw new JournalError('journal_closed', this.#place.path);
  }

  #write(record: object): void {
    this.#refuseWhenOver();
    attempt(this.#place.path, () => {
      const { line, crc } = encodeLine(record, this.#crc);
      const bytes = Buffer.from(line);
      this.#cutRest();
      this.#hasRest = true;
      try {
        writeAll(this.#file, bytes);
      } catch (error) {
        this.#tryCutRest();
        throw error;
      }
      this.#hasRest = false;
      this.#size += bytes.length;
      this.#lines += 1;
      this.#digest = crc32(bytes, this.#digest);
      this.#crc = crc;
      if (this.#durability === 'power') this.#unsynced.lines.push({ bytes, crc });
    });
  }

  /** Whether the file may be written to at all shows in a byte that is taken away at once. */
  #probe(): void {
    this.#hasRest = true;
    try {
      writeAll(this.#file, Buffer.from(' '));
    } finally {
      this.#tryCutRest();
    }
    this.#cutRest();
  }

  #replace(): void {
    this.#goOnIn(replaceJournal(this.#place, this.#unsynced));
    this.#failure = undefined;
  }

  #raise(version: number): void {
    this.#refuseWhenOver();
    attempt(this.#place.path, () => {
      const raised = raiseJournal(this.#place, { size: this.#size, crc: this.#crc }, version);
      this.#version = version;
      this.#crc = raised.crc;
      this.#digest = raised.digest;
      this.#goOnIn(raised.file);
    });
  }

  /** In the file that has taken the other's place, with all that was appended in it, on the disk. */
  #goOnIn(file: DiskFile): void {
    const before = this.#file;
    this.#file = file;
    this.#hasRest = false;
    if (this.#syncing) void this.#syncing.then(() => before.close());
    else before.close();
    this.#unsynced = new Unsynced({ size: this.#size, crc: this.#crc });
    try {
      this.#place.disk.syncFolder(dirname(this.#place.path));
    } catch (error) {
      this.#fail(error);
      throw error;
    }
    this.#durableSize = this.#size;
  }

  #fail(error: unknown): void {
    this.#failure = new JournalError(journalErrorCode(error), this.#place.path, error);
  }

  #tryCutRest(): void {
    try {
      this.#cutRest();
    } catch {
      // Tried again before the next record; until then a reader sees a torn last line.
    }
  }

  #cutRest(): void {
    if (!this.#hasRest) return;
    this.#file.truncate(this.#size);
    this.#hasRest = false;
  }

  async #sync(): Promise<void> {
    const [file, size] = [this.#file, this.#size];
    try {
      await file.syncLater();
      if (file !== this.#file) return;
      this.#durableSize = size;
      this.#unsynced.coverTo(size);
    } catch (error) {
      // The system forgets what it could not write: to ask again would hear a success that is none.
      if (file === this.#file) this.#fail(error);
    } finally {
      this.#syncing = undefined;
    }
  }
}

function attempt<T>(path: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof SessionGroupsError) throw error;
    throw new JournalError(journalErrorCode(error), path, error);
  }
}
