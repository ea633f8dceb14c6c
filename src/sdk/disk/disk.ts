import {
  closeSync,
  existsSync,
  fdatasync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  linkSync,
  mkdirSync,
  openSync,
  read,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { promisify } from 'node:util';

/**
 * The disk, for everything that has to survive a crash: files 0600, folders 0700. Each operation is a single system
 * operation, so that a simulated disk can fail or crash at any of them and between any two. A failure is thrown as an
 * error with the system's `code` and `syscall`.
 */
export interface Disk {
  open(path: string, how: OpenAs): DiskFile;
  /** Replaces an existing file or empty folder of that name. */
  rename(from: string, to: string): void;
  /** Gives a file a second name; EEXIST if the name is taken. */
  link(from: string, to: string): void;
  /** Removes a file, if it exists. */
  remove(path: string): void;
  /** Removes a folder and its contents, if it exists. Not atomic. */
  removeTree(path: string): void;
  /** The parent must exist. */
  makeFolder(path: string): void;
  /** Makes the names in a folder survive a power cut, as `DiskFile.sync` does for the contents of a file. */
  syncFolder(path: string): void;
  list(path: string): readonly DiskEntry[];
  /** Undefined if nothing has that name. */
  stat(path: string): DiskStat | undefined;
  /** Never throws; also false if it can't be accessed. */
  exists(path: string): boolean;
}

/** As in fopen: read; write, created or truncated; create, failing if it exists; append, created if missing. */
export type OpenAs = 'r' | 'w' | 'wx' | 'a';

/** An open file: it stays the same file when its name is given to another. */
export interface DiskFile {
  /** Writes the bytes from index `from` on; returns how many were written, fewer than all if space runs out. */
  write(bytes: Buffer, from: number): number;
  /** Fills the buffer from byte `at` of the file; returns how many bytes were read. */
  read(into: Buffer, at: number): number;
  /** The same, without blocking. */
  readLater(into: Buffer, at: number): Promise<number>;
  size(): number;
  truncate(bytes: number): void;
  /** Makes the contents survive a power cut. */
  sync(): void;
  /** The same, without blocking. */
  syncLater(): Promise<void>;
  close(): void;
}

export interface DiskEntry {
  readonly name: string;
  isFile(): boolean;
  isDirectory(): boolean;
}

export interface DiskStat {
  readonly size: number;
  /** The space that it takes, in blocks of 512 bytes. */
  readonly blocks: number;
  isDirectory(): boolean;
}

const readAsync = promisify(read);
const syncData = promisify(fdatasync);

class SystemFile implements DiskFile {
  readonly #fd: number;

  constructor(fd: number) {
    this.#fd = fd;
  }

  write(bytes: Buffer, from: number): number {
    return writeSync(this.#fd, bytes, from);
  }

  read(into: Buffer, at: number): number {
    return readSync(this.#fd, into, 0, into.length, at);
  }

  async readLater(into: Buffer, at: number): Promise<number> {
    return (await readAsync(this.#fd, into, 0, into.length, at)).bytesRead;
  }

  size(): number {
    return fstatSync(this.#fd).size;
  }

  truncate(bytes: number): void {
    ftruncateSync(this.#fd, bytes);
  }

  sync(): void {
    fsyncSync(this.#fd);
  }

  syncLater(): Promise<void> {
    return syncData(this.#fd);
  }

  close(): void {
    closeSync(this.#fd);
  }
}

/** This machine's disk. */
export const systemDisk: Disk = {
  open: (path, how) => new SystemFile(openSync(path, how, 0o600)),
  rename: (from, to) => renameSync(from, to),
  link: (from, to) => linkSync(from, to),
  remove: path => rmSync(path, { force: true }),
  removeTree: path => rmSync(path, { recursive: true, force: true, maxRetries: 3 }),
  makeFolder: path => void mkdirSync(path, { mode: 0o700 }),
  syncFolder(path) {
    const fd = openSync(path, 'r');
    try {
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  },
  list: path => readdirSync(path, { withFileTypes: true }),
  stat: path => statSync(path, { throwIfNoEntry: false }),
  exists: path => existsSync(path),
};
