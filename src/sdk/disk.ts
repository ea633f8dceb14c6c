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
 * The disk, as far as anything is kept on it that has to outlive a crash: files 0600, folders 0700. Each operation is
 * one step of the system's own, so that a simulated disk can fail or crash at any of them and between any two. What
 * the system refuses is thrown as an error with its `code` and `syscall`.
 */
export interface Disk {
  open(path: string, how: OpenAs): DiskFile;
  /** Takes the place of what has the name already: a file, or an empty folder. */
  rename(from: string, to: string): void;
  /** A second name of a file; EEXIST where something has it already. */
  link(from: string, to: string): void;
  /** Removes a file, if it is there. */
  remove(path: string): void;
  /** Removes a folder with all that is in it, if it is there: many steps. */
  removeTree(path: string): void;
  /** In a folder that is there. */
  makeFolder(path: string): void;
  /** Makes the names in a folder survive a power cut, as `DiskFile.sync` does what is in a file. */
  syncFolder(path: string): void;
  list(path: string): readonly DiskEntry[];
  /** Undefined where nothing has the name. */
  stat(path: string): DiskStat | undefined;
  /** Never throws: false also where it could not be looked at. */
  exists(path: string): boolean;
}

/** To read; to write, emptied or made; to make, where nothing may be; to write behind its end, made if need be. */
export type OpenAs = 'r' | 'w' | 'wx' | 'a';

/** An open file: it stays the same one when its name is given to another. */
export interface DiskFile {
  /** Writes from the byte `from` on; gives how many bytes were taken, fewer than all where the room ends. */
  write(bytes: Buffer, from: number): number;
  /** Fills the buffer from the place `at`; gives how many bytes there were. */
  read(into: Buffer, at: number): number;
  /** The same, while others go on. */
  readLater(into: Buffer, at: number): Promise<number>;
  size(): number;
  truncate(bytes: number): void;
  /** Makes what is in it survive a power cut. */
  sync(): void;
  /** The same, while others go on. */
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
  /** Of 512 bytes: the room that it takes. */
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

/** The disk of this machine. */
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
