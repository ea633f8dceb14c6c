import type { Disk, DiskFile, OpenAs } from '../../../src/sdk/disk/disk.ts';
import { failure } from './machine-calls.ts';

/** What an operation of a dead process throws. Whatever catches it reaches nothing any more. */
export class ProcessIsDead extends Error {}

/** What the machine decides about a process's disk operations. */
export interface DiskFate {
  readonly alive: boolean;
  /** Called before each operation that changes something: it may throw, and may ask for what follows. */
  before(operation: string, path: string): AfterEffect | undefined;
  /** How long a sync or a read without blocking takes now. */
  readonly slowMs: number;
  wait(ms: number): Promise<void>;
}

/** The process dies in the operation: once it is done, or with only a part of a write done. */
export interface AfterEffect {
  readonly torn: boolean;
  /** @throws ProcessIsDead */
  die(): never;
}

/** The machine's disk as one process sees it. A file system that fails has failed for all of them. */
export class ProcessDisk implements Disk {
  readonly #disk: Disk;
  readonly #fate: DiskFate;

  constructor(disk: Disk, fate: DiskFate) {
    this.#disk = disk;
    this.#fate = fate;
  }

  #reads<T>(read: () => T): T {
    if (!this.#fate.alive) throw new ProcessIsDead();
    return read();
  }

  #changes<T>(operation: string, path: string, change: () => T): T {
    if (!this.#fate.alive) throw new ProcessIsDead();
    const after = this.#fate.before(operation, path);
    if (after?.torn) after.die();
    const result = change();
    return after ? after.die() : result;
  }

  open(path: string, how: OpenAs): DiskFile {
    const open = (): DiskFile => this.#disk.open(path, how);
    const changes = how !== 'r' && (how !== 'a' || !this.#disk.exists(path));
    const file = changes ? this.#changes('open', path, open) : this.#reads(open);
    const fate = this.#fate;
    const later = async (): Promise<void> => {
      if (fate.slowMs > 0) await fate.wait(fate.slowMs);
    };
    return {
      write: (bytes, from) => this.#write(file, path, bytes, from),
      read: (into, at) => this.#reads(() => file.read(into, at)),
      readLater: async (into, at) => {
        await later();
        return this.#reads(() => file.read(into, at));
      },
      size: () => this.#reads(() => file.size()),
      truncate: bytes => this.#changes('ftruncate', path, () => file.truncate(bytes)),
      sync: () => this.#changes('fsync', path, () => file.sync()),
      syncLater: async () => {
        await later();
        this.#changes('fsync', path, () => file.sync());
      },
      close: () => file.close(),
    };
  }

  #write(file: DiskFile, path: string, bytes: Buffer, from: number): number {
    if (!this.#fate.alive) throw new ProcessIsDead();
    try {
      const after = this.#fate.before('write', path);
      if (after === undefined) return file.write(bytes, from);
      file.write(after.torn ? bytes.subarray(0, from + Math.ceil((bytes.length - from) / 2)) : bytes, from);
      return after.die();
    } catch (error) {
      if (!(error instanceof ShortWrite)) throw error;
      return file.write(bytes.subarray(0, from + Math.min(error.bytes, bytes.length - from)), from);
    }
  }

  rename(from: string, to: string): void {
    this.#changes('rename', to, () => this.#disk.rename(from, to));
  }

  link(from: string, to: string): void {
    this.#changes('link', to, () => this.#disk.link(from, to));
  }

  remove(path: string): void {
    if (this.#reads(() => !this.#disk.exists(path))) return;
    this.#changes('unlink', path, () => this.#disk.remove(path));
  }

  removeTree(path: string): void {
    if (!this.#fate.alive) throw new ProcessIsDead();
    const after = this.#fate.before('unlink', path);
    // Who dies in it has removed some of it.
    const [first] = after?.torn ? this.#disk.list(path) : [];
    this.#disk.removeTree(first === undefined ? path : `${path}/${first.name}`);
    after?.die();
  }

  makeFolder(path: string): void {
    if (this.#reads(() => this.#disk.exists(path))) throw failure('EEXIST', 'mkdir', path);
    this.#changes('mkdir', path, () => this.#disk.makeFolder(path));
  }

  syncFolder(path: string): void {
    this.#changes('fsync', path, () => this.#disk.syncFolder(path));
  }

  list(path: string) {
    return this.#reads(() => this.#disk.list(path));
  }

  stat(path: string) {
    return this.#reads(() => this.#disk.stat(path));
  }

  exists(path: string): boolean {
    return this.#fate.alive && this.#disk.exists(path);
  }
}

/** The space suffices for this many bytes. */
export class ShortWrite extends Error {
  readonly bytes: number;

  constructor(bytes: number) {
    super('short write');
    this.bytes = bytes;
  }
}
