import { basename, dirname } from 'node:path';
import type { Disk, DiskFile, OpenAs } from '../../src/sdk/disk/disk.ts';

/** The content of a file or folder: now, and as of the last sync. */
type Kept = MemoryFile | MemoryFolder;

class MemoryFile {
  now: Buffer = Buffer.alloc(0);
  synced: Buffer = Buffer.alloc(0);
}

class MemoryFolder {
  now = new Map<string, Kept>();
  synced = new Map<string, Kept>();
  /** How often its names have changed. */
  changes = 0;
}

/**
 * A disk in memory that loses everything not synced when it crashes: a file's content since its last sync, and names
 * since the last sync of their folder.
 */
export class MemoryDisk implements Disk {
  /** Called before each step that changes or syncs something; if it throws, the step throws and does nothing. */
  before: (step: string, path: string) => void = () => {};
  readonly #root = new MemoryFolder();
  #crashes = 0;

  /**
   * Simulates a power cut. Files that were open are closed.
   * @param share of what had been appended since the last sync that the disk has written by then, whole lines or not.
   */
  crash(share = 0): void {
    this.#crashes += 1;
    const forget = (kept: Kept): void => {
      if (kept instanceof MemoryFile) {
        const { now, synced } = kept;
        const grows = now.subarray(0, synced.length).equals(synced);
        const more = grows ? Math.floor((now.length - synced.length) * share) : 0;
        kept.now = more > 0 ? now.subarray(0, synced.length + more) : synced;
        kept.synced = kept.now;
      } else {
        kept.now = new Map(kept.synced);
        kept.changes += 1;
        for (const inner of kept.now.values()) forget(inner);
      }
    };
    forget(this.#root);
  }

  open(path: string, how: OpenAs): DiskFile {
    const folder = this.#folder(dirname(path), 'open');
    const there = folder.now.get(basename(path));
    if (there === undefined && how === 'r') throw failure('ENOENT', 'open', path);
    if (there !== undefined && how === 'wx') throw failure('EEXIST', 'open', path);
    if (there instanceof MemoryFolder) throw failure('EISDIR', 'open', path);
    if (how !== 'r' && (there === undefined || how === 'w')) this.before('open', path);
    const file = there ?? new MemoryFile();
    if (there === undefined) folder.changes += 1;
    folder.now.set(basename(path), file);
    if (how === 'w') file.now = Buffer.alloc(0);
    return this.#opened(file, path);
  }

  #opened(file: MemoryFile, path: string): DiskFile {
    const crashes = this.#crashes;
    let open = true;
    const isOpen = (): void => {
      if (!open || crashes !== this.#crashes) throw failure('EBADF', 'write', path);
    };
    const step = (name: string): void => {
      isOpen();
      this.before(name, path);
    };
    const sync = (): void => {
      step('fsync');
      file.synced = file.now;
    };
    const read = (into: Buffer, at: number): number => {
      isOpen();
      return file.now.copy(into, 0, at);
    };
    return {
      write(bytes, from) {
        step('write');
        file.now = Buffer.concat([file.now, bytes.subarray(from)]);
        return bytes.length - from;
      },
      read,
      readLater: async (into, at) => read(into, at),
      size: () => file.now.length,
      truncate(bytes) {
        step('ftruncate');
        file.now = file.now.subarray(0, bytes);
      },
      sync,
      syncLater: async () => sync(),
      close() {
        open = false;
      },
    };
  }

  rename(from: string, to: string): void {
    const [source, target] = [this.#folder(dirname(from), 'rename'), this.#folder(dirname(to), 'rename')];
    const moved = source.now.get(basename(from));
    if (moved === undefined) throw failure('ENOENT', 'rename', from);
    const there = target.now.get(basename(to));
    if (there instanceof MemoryFolder) {
      if (moved instanceof MemoryFile) throw failure('EISDIR', 'rename', to);
      if (there.now.size > 0) throw failure('ENOTEMPTY', 'rename', to);
    }
    this.before('rename', to);
    source.now.delete(basename(from));
    target.now.set(basename(to), moved);
    source.changes += 1;
    target.changes += 1;
  }

  link(from: string, to: string): void {
    const file = this.#find(from);
    const folder = this.#folder(dirname(to), 'link');
    if (file === undefined) throw failure('ENOENT', 'link', from);
    if (folder.now.has(basename(to))) throw failure('EEXIST', 'link', to);
    this.before('link', to);
    folder.now.set(basename(to), file);
    folder.changes += 1;
  }

  remove(path: string): void {
    const there = this.#find(path);
    if (there === undefined) return;
    if (there instanceof MemoryFolder) throw failure('EISDIR', 'unlink', path);
    this.#unlink(path);
  }

  removeTree(path: string): void {
    const there = this.#find(path);
    if (there instanceof MemoryFolder)
      for (const name of there.now.keys()) this.removeTree(`${path}/${name}`);
    if (there !== undefined) this.#unlink(path);
  }

  #unlink(path: string): void {
    this.before('unlink', path);
    const folder = this.#folder(dirname(path), 'unlink');
    folder.now.delete(basename(path));
    folder.changes += 1;
  }

  makeFolder(path: string): void {
    const folder = this.#folder(dirname(path), 'mkdir');
    if (folder.now.has(basename(path))) throw failure('EEXIST', 'mkdir', path);
    this.before('mkdir', path);
    folder.now.set(basename(path), new MemoryFolder());
    folder.changes += 1;
  }

  syncFolder(path: string): void {
    const folder = this.#folder(path, 'open');
    this.before('fsync', path);
    folder.synced = new Map(folder.now);
  }

  list(path: string) {
    return [...this.#folder(path, 'scandir').now].map(([name, kept]) => ({
      name,
      isFile: () => kept instanceof MemoryFile,
      isDirectory: () => kept instanceof MemoryFolder,
    }));
  }

  stat(path: string) {
    const kept = this.#find(path);
    if (kept === undefined) return undefined;
    const size = kept instanceof MemoryFile ? kept.now.length : 0;
    return { size, blocks: Math.ceil(size / 512), isDirectory: () => kept instanceof MemoryFolder };
  }

  /** In place of a modification time; undefined if there is no such folder. */
  changes(path: string): number | undefined {
    const kept = this.#find(path);
    return kept instanceof MemoryFolder ? kept.changes : undefined;
  }

  exists(path: string): boolean {
    return this.#find(path) !== undefined;
  }

  #find(path: string): Kept | undefined {
    let kept: Kept | undefined = this.#root;
    for (const name of path.split('/').filter(part => part !== '')) {
      kept = kept instanceof MemoryFolder ? kept.now.get(name) : undefined;
    }
    return kept;
  }

  #folder(path: string, syscall: string): MemoryFolder {
    const kept = this.#find(path);
    if (kept instanceof MemoryFolder) return kept;
    throw failure(kept === undefined ? 'ENOENT' : 'ENOTDIR', syscall, path);
  }
}

/** The error of the system. */
const failure = (code: string, syscall: string, path: string): Error =>
  Object.assign(new Error(`${code}: ${syscall} '${path}'`), { code, syscall });
