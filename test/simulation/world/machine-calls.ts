import crypto from 'node:crypto';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { MACHINE } from '../plan/definitions.ts';

/** What a simulated machine answers to calls that reach past the engine's ports. */
export interface MachineCalls {
  /** 0 to 1, from the run's own stream. */
  random(): number;
  /** The pids of its live processes. */
  pids(): readonly number[];
  /** `/proc/PID/stat` and `/proc/PID/environ`; undefined if there is no such process. */
  processFile(pid: number, file: string): string | undefined;
  signal(pid: number, signal: string | number): boolean;
  /** Differs once the names in the folder have changed; undefined if there is no such folder. */
  modified(folder: string): number | undefined;
  /** An immediate was set or has run. */
  immediates: number;
  /** Something asked the real machine: a leak. */
  leaked(call: string): void;
}

/**
 * Puts a simulated machine between the engine and Node's own modules, for what has no port: random ids, the process
 * table, and whether project folders exist. Only paths below MACHINE and `/proc`, one more, and pids that no real process
 * can have, are answered from the simulation; everything else goes to the real module.
 */
export class Interception {
  current: MachineCalls | undefined;
  readonly #restore: (() => void)[] = [];

  install(): void {
    const { XDG_RUNTIME_DIR: before } = process.env;
    process.env.XDG_RUNTIME_DIR = RUNTIME;
    this.#restore.push(() => {
      if (before === undefined) delete process.env.XDG_RUNTIME_DIR;
      else process.env.XDG_RUNTIME_DIR = before;
    });
    this.#files();
    this.#randomness();
    this.#immediates();
    this.#replace(process, 'kill', kill => (pid, signal = 'SIGTERM') => {
      if (this.current === undefined || pid < FIRST_PID) return kill.call(process, pid, signal);
      if (!this.current.signal(pid, signal)) throw failure('ESRCH', 'kill', `${pid}`);
      return true;
    });
    syncBuiltinESMExports();
  }

  remove(): void {
    for (const restore of this.#restore.splice(0).reverse()) restore();
    syncBuiltinESMExports();
  }

  #replace<T extends object, K extends keyof T>(target: T, name: K, by: (real: T[K]) => T[K]): void {
    const real = target[name];
    const replacement = by(real);
    if (typeof real === 'function' && typeof replacement === 'function') Object.assign(replacement, real);
    target[name] = replacement;
    this.#restore.push(() => {
      target[name] = real;
    });
  }

  #randomness(): void {
    const random = (): number => this.current?.random() ?? 0;
    this.#replace(Math, 'random', real => () => (this.current ? random() : real()));
    this.#replace(crypto, 'randomUUID', real => options => (this.current ? uuidOf(random) : real(options)));
    this.#replace(
      crypto,
      'randomFillSync',
      real =>
        ((buffer: Buffer, ...rest: number[]) =>
          this.current ? buffer : Reflect.apply(real, crypto, [buffer, ...rest])) as typeof real,
    );
  }

  #immediates(): void {
    this.#replace(globalThis, 'setImmediate', real => {
      const counted = (run: (...given: unknown[]) => void, ...given: unknown[]) => {
        const { current } = this;
        if (current === undefined) return real(run, ...given);
        current.immediates += 1;
        return real(() => {
          current.immediates -= 1;
          run(...given);
        });
      };
      return counted as typeof real;
    });
  }

  #files(): void {
    for (const name of SYNCHRONOUS) {
      this.#replace(
        fs as unknown as Calls,
        name,
        real =>
          (path, ...rest) =>
            this.#isOurs(path)
              ? this.#answer(name, path)
              : Reflect.apply(real ?? nothing, fs, [path, ...rest]),
      );
    }
    for (const name of PROMISED) {
      this.#replace(fs.promises as unknown as Calls, name, real => (path, ...rest) => {
        if (!this.#isOurs(path)) {
          // It would take real time, and the run would not be the same twice.
          this.current?.leaked(`${name} ${path}`);
          return Reflect.apply(real ?? nothing, fs.promises, [path, ...rest]);
        }
        try {
          return Promise.resolve(this.#answer(`${name}Sync`, path));
        } catch (error) {
          return Promise.reject(error);
        }
      });
    }
  }

  #isOurs(path: unknown): path is string {
    if (this.current === undefined || typeof path !== 'string') return false;
    if (path === BOOT_ID) return false;
    if (path === SHARED_CONFIG) return true;
    return path === '/proc' || path.startsWith('/proc/') || path.startsWith(MACHINE);
  }

  #answer(call: string, path: string): unknown {
    const { current } = this;
    if (path.startsWith('/proc')) return current && answerProc(current, call, path);
    const isProject = PROJECT.test(path);
    const isRuntime = path.startsWith(RUNTIME);
    switch (call) {
      case 'existsSync':
        return isProject;
      case 'realpathSync':
        return path;
      case 'statSync':
      case 'lstatSync':
        return current && answerStat(current, path, isProject || isRuntime);
      case 'mkdirSync':
        if (isRuntime) return undefined;
        break;
      case 'readdirSync':
        if (isProject) return [];
        throw failure('ENOENT', 'scandir', path);
      case 'readFileSync':
      case 'openSync':
        throw failure('ENOENT', 'open', path);
    }
    current?.leaked(`${call} ${path}`);
    throw failure('EROFS', call, path);
  }
}

type Call = (path: unknown, ...rest: unknown[]) => unknown;
type Calls = Record<string, Call | undefined>;

/** Higher than any pid of Linux. */
export const FIRST_PID = 5_000_000;
export const RUNTIME = `${MACHINE}/run`;
/** Of a definition that comes over a wire, without a folder of its own. */
const SHARED_CONFIG = '/shared-config';
const BOOT_ID = '/proc/sys/kernel/random/boot_id';
const PROJECT = new RegExp(`^${MACHINE}/(?:page|projects/p\\d+|work/.+)$`);
const FOLDER = {
  uid: process.getuid?.() ?? 0,
  mode: 0o40700,
  mtimeMs: 0,
  isDirectory: () => true,
  isFile: () => false,
  isSymbolicLink: () => false,
};
const SYNCHRONOUS = [
  ...['existsSync', 'realpathSync', 'statSync', 'lstatSync', 'mkdirSync', 'readdirSync', 'readFileSync'],
  ...['openSync', 'writeFileSync', 'rmSync', 'chmodSync', 'mkdtempSync', 'accessSync', 'unlinkSync'],
];
const PROMISED = ['stat', 'lstat', 'readdir', 'realpath', 'open', 'readFile', 'writeFile', 'rm', 'mkdir'];

const nothing = (): undefined => undefined;

function answerProc(machine: MachineCalls, call: string, path: string): unknown {
  if (path === '/proc') return machine.pids().map(String);
  const [, , pid = '', file = ''] = path.split('/');
  const text = machine.processFile(Number(pid), file);
  if (text === undefined) throw failure('ENOENT', 'open', path);
  return call === 'readFileSync' ? text : FOLDER;
}

function answerStat(machine: MachineCalls, path: string, isThere: boolean): unknown {
  const mtimeMs = isThere ? 0 : machine.modified(path);
  if (mtimeMs === undefined) throw failure('ENOENT', 'stat', path);
  return { ...FOLDER, mtimeMs };
}

function uuidOf(random: () => number): `${string}-${string}-${string}-${string}-${string}` {
  const hex = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16)).join('');
  const [a, b, c, d] = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(13, 16), hex.slice(17, 20)];
  return `${a}-${b}-4${c}-8${d}-${hex.slice(20)}`;
}

/** The error of the system. */
export const failure = (code: string, syscall: string, path: string): Error =>
  Object.assign(new Error(`${code}: ${syscall} '${path}'`), { code, syscall });
