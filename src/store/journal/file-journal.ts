import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import type { DiskFile } from '../../sdk/disk/disk.ts';
import { removeQuietly, writeAll } from '../../sdk/disk/disk-files.ts';
import { SessionGroupsError } from '../../sdk/errors.ts';
import type { Journal } from '../../sdk/group/journal/journal.ts';
import type { JournalRecord } from '../../sdk/group/journal/records.ts';
import { JournalDamagedError, JournalError, journalErrorCode } from '../../sdk/group/store/journal-errors.ts';
import type { JournalHeader } from './check-record.ts';
import { encodeLine } from './journal-line.ts';
import type { JournalPlace } from './journal-place.ts';
import { type ReadHistory, readHistory } from './read-history.ts';
import type { JournalPosition, ReadJournal } from './read-journal.ts';
import { nextPath, replaceJournal, Unsynced, upgradeJournal } from './replace-journal.ts';
import { Reserve } from './reserve.ts';
import type { ReadSnapshot } from './snapshot-file.ts';

/** What a record survives once `synced` has resolved: a crash of the process, or a power failure. */
export type Durability = 'process' | 'power';

export interface FileJournalOptions {
  /** Default: process. */
  readonly durability?: Durability;
  /** A file that is deleted on a full disk to make room for the last records. Default: none. */
  readonly reserve?: string;
  /** Of the journal's beginning. Default: none. */
  readonly snapshot?: ReadSnapshot | undefined;
  /** May throw before anything is changed. */
  readonly check?: (history: ReadHistory) => void;
}

export interface OpenedJournal {
  readonly journal: FileJournal;
  /** What it contained; a torn last line has been removed. */
  readonly history: ReadHistory;
}

/**
 * The journal of a group as lines in a file, for its owner only.
 *
 * JOURNAL-1 `append` passes a record to the system in one write: when it returns, the record outlives this process.
 * JOURNAL-2 `append` either writes a whole line, or throws a JournalError and leaves nothing: the rest of a failed write
 *    is truncated at once or, if that fails too, before the next record. So a later append may succeed.
 * JOURNAL-3 `synced` under `power` resolves after one fdatasync begun after the last append; concurrent waits share it.
 * JOURNAL-4 after a failed fdatasync every later append throws, as does every wait for records it should have covered,
 *    until `recover` has written those records again, to a new file that replaces the old one.
 * JOURNAL-5 on a full disk the reserve is deleted, once, to make room: `exhausted` reports it until `recover` has
 *    recreated the reserve.
 * JOURNAL-6 a record that needs a higher format version than the journal has upgrades the journal first: it is copied
 *    with a new header, synced, and atomically replaces the old one. Not earlier, so that an older release can read the
 *    journal for as long as it understands every record.
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
  /** Of all bytes up to `#size`. */
  #digest: number;
  #hasPartial = false;
  #durableSize = 0;
  /** Records that no sync has covered yet, under `power`. */
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
    ({ version: this.#version, wholeBytes: this.#size, lines: this.#lines } = history);
    ({ crc: this.#crc, digest: this.#digest } = history);
  }

  /**
   * Opens or creates a journal; only the owner of the group may. Removes a torn last line.
   * @throws JournalDamagedError, JournalVersionError, JournalError.
   */
  static open(place: JournalPlace, options: FileJournalOptions = {}): OpenedJournal {
    const { disk, path, groupId } = place;
    const history = attempt(path, () => readHistory(place, options.snapshot));
    if (history.groupId !== undefined && history.groupId !== groupId) {
      throw new JournalDamagedError(path, 1, `belongs to another group, ${history.groupId}`);
    }
    options.check?.(history);
    const file = attempt(path, () => disk.open(path, 'a'));
    const journal = new FileJournal(place, options, file, history);
    try {
      removeQuietly(disk, nextPath(path)); // left by a process that died while writing it
      if (history.torn) attempt(path, () => file.truncate(history.wholeBytes));
      const header: JournalHeader = { type: '_journal', version: history.version, groupId };
      if (history.groupId === undefined) journal.#write(header);
    } catch (error) {
      file.close();
      throw error;
    }
    return { journal, history };
  }

  get bytes(): number {
    return this.#size;
  }

  /** The position after the last record. */
  get end(): Omit<JournalPosition, 'nextSeq'> {
    const [version, bytes, lines] = [this.#version, this.#size, this.#lines];
    return { version, bytes, lines, crc: this.#crc, digest: this.#digest };
  }

  /** The format version. */
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
      this.#truncatePartial();
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

  /** Closes the file after a last `synced`. Safe to call twice. */
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
    if (version > this.#version) this.#upgrade(version);
    this.#write(record);
  }

  #assertOpen(): void {
    if (this.#failure) throw this.#failure;
    if (this.#closing) throw new JournalError('journal_closed', this.#place.path);
  }

  #write(record: object): void {
    this.#assertOpen();
    attempt(this.#place.path, () => {
      const { bytes, crc } = encodeLine(record, this.#crc);
      this.#truncatePartial();
      this.#hasPartial = true;
      try {
        writeAll(this.#file, bytes);
      } catch (error) {
        this.#tryTruncatePartial();
        throw error;
      }
      this.#hasPartial = false;
      this.#size += bytes.length;
      this.#lines += 1;
      this.#digest = crc32(bytes, this.#digest);
      this.#crc = crc;
      if (this.#durability === 'power') this.#unsynced.lines.push({ bytes: Buffer.from(bytes), crc });
    });
  }

  /** Writes and removes one byte to find out whether the file is writable. */
  #probe(): void {
    this.#hasPartial = true;
    try {
      writeAll(this.#file, Buffer.from(' '));
    } finally {
      this.#tryTruncatePartial();
    }
    this.#truncatePartial();
  }

  #replace(): void {
    this.#continueIn(replaceJournal(this.#place, this.#unsynced));
    this.#failure = undefined;
  }

  #upgrade(version: number): void {
    this.#assertOpen();
    attempt(this.#place.path, () => {
      const upgraded = upgradeJournal(this.#place, { size: this.#size, crc: this.#crc }, version);
      this.#version = version;
      this.#crc = upgraded.crc;
      this.#digest = upgraded.digest;
      this.#continueIn(upgraded.file);
    });
  }

  /** Switches to the replacement file, which has every appended record synced. */
  #continueIn(file: DiskFile): void {
    const before = this.#file;
    this.#file = file;
    this.#hasPartial = false;
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

  #tryTruncatePartial(): void {
    try {
      this.#truncatePartial();
    } catch {
      // Retried before the next record; until then readers see a torn last line.
    }
  }

  #truncatePartial(): void {
    if (!this.#hasPartial) return;
    this.#file.truncate(this.#size);
    this.#hasPartial = false;
  }

  async #sync(): Promise<void> {
    const [file, size] = [this.#file, this.#size];
    try {
      await file.syncLater();
      if (file !== this.#file) return;
      this.#durableSize = size;
      this.#unsynced.coverTo(size);
    } catch (error) {
      // The system discards dirty pages it could not write: a second fdatasync would falsely succeed.
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
