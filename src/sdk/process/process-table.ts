import { execFile, execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { promisify } from 'node:util';

/**
 * Every process of an attempt inherits this variable, even if it leaves the process group, so that cleanup can tell
 * which attempt it belongs to. The value is unique per attempt (attempt-marker.ts).
 */
export const MARKER_VARIABLE = 'SESSION_GROUPS_MARKER';

/** One process of this machine at the time of reading. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** 0 where the system doesn't report it. */
  readonly session: number;
  /** It has ended: nothing of it runs any more. One of which only the first thread has ended is none. */
  readonly zombie: boolean;
  /** When it started: with the pid, it tells a process from others that had its pid. Clock ticks since boot, or seconds. */
  readonly startTicks: number;
  /** Read on demand, once: it costs as much as all the other fields together. */
  marker(): string | undefined;
  /** The soft limit of its resident set, if it has one and the system shows it (limit-mark.ts). Read like the marker. */
  limit(): string | undefined;
}

/**
 * Every process that this user may see. Linux: /proc, one small file per process; elsewhere one `ps`, best effort.
 * Processes that exit during the read are left out. Throws when it can't read, say for lack of file descriptors:
 * a live process is never left out because of that.
 */
export function readProcessTable(): ProcessEntry[] {
  return process.platform === 'linux' ? tableFromProc() : tableFromPs();
}

/** How many processes are read in one turn of the event loop: a few milliseconds. */
const PROCESSES_PER_TURN = 16;

/**
 * The same, without blocking: other work goes on between slices of the table. What is to be read of an entry on demand
 * is read by `visit`, in the turn of its slice. A process that starts meanwhile may be left out. Nothing goes through
 * Node's thread pool: a file system that hangs must not keep processes alive.
 */
export async function readTableInTurns(visit: (entry: ProcessEntry) => void): Promise<ProcessEntry[]> {
  const entries: ProcessEntry[] = [];
  const isLinux = process.platform === 'linux';
  const rows = isLinux
    ? pidsIn(readdirSync('/proc'))
    : parsePs((await run('/bin/ps', ['-A', ...PS_COLUMNS], PS_OPTIONS)).stdout);
  for (const [at, row] of rows.entries()) {
    if (at > 0 && at % PROCESSES_PER_TURN === 0) await nextTurn();
    const entry = typeof row === 'number' ? entryOf(row) : row;
    if (entry === undefined) continue;
    entries.push(entry);
    visit(entry);
  }
  return entries;
}

const run = promisify(execFile);

/** Resolves in the next turn of the event loop. */
export const nextTurn = (): Promise<void> => new Promise(resolve => void setImmediate(resolve));

/** In /proc/PID/stat: the first thread has ended. */
const ENDED = /\) Z [^)]*$/;

/** Fields of /proc/PID/stat; the program's name (field 2) may contain spaces and parentheses. */
export function parseStat(stat: string): Omit<ProcessEntry, 'marker' | 'limit'> | undefined {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, parent, group, session] = fields;
  const threads = Number(fields[17]);
  const startTicks = fields[19];
  if (state === undefined || startTicks === undefined) return undefined;
  return {
    pid: Number.parseInt(stat, 10),
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    zombie: state === 'X' || (state === 'Z' && !(threads > 1)),
    startTicks: Number(startTicks),
  };
}

function tableFromProc(): ProcessEntry[] {
  return pidsIn(readdirSync('/proc')).flatMap(pid => entryOf(pid) ?? []);
}

const pidsIn = (names: readonly string[]): number[] => names.map(Number).filter(Number.isInteger);

/** The entry of one process. */
export function entryOf(pid: number): ProcessEntry | undefined {
  try {
    if (process.platform !== 'linux')
      return parsePs(execFileSync('/bin/ps', [...PS_COLUMNS, '-p', `${pid}`], PS_OPTIONS))[0];
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const parsed = parseStat(stat);
    const firstEnded = ENDED.test(stat);
    const marker = once(() => markerFromEnviron(pid, firstEnded));
    return parsed && { ...parsed, marker, limit: once(() => limitOf(pid)) };
  } catch (error) {
    return unlessExhausted(error);
  }
}

function once<T>(read: () => T): () => T {
  let known: { readonly value: T } | undefined;
  return () => {
    known ??= { value: read() };
    return known.value;
  };
}

function limitOf(pid: number): string | undefined {
  try {
    return /^Max resident set +(\d+)/m.exec(readFileSync(`/proc/${pid}/limits`, 'utf8'))?.[1];
  } catch (error) {
    return unlessExhausted(error);
  }
}

const MARKER_PREFIX = `${MARKER_VARIABLE}=`;

/** Only root may read other users' environments; checking the owner first is cheaper than the error. */
function environOf(folder: string): string {
  const uid = process.getuid?.();
  return uid !== 0 && statSync(folder).uid !== uid ? '' : readFileSync(`${folder}/environ`, 'utf8');
}

/** A first thread that has ended shows no environment; those that go on do. */
function environOfThread(pid: number): string {
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const environ = thread === `${pid}` ? '' : environOf(`/proc/${pid}/task/${thread}`);
    if (environ !== '') return environ;
  }
  return '';
}

function markerFromEnviron(pid: number, firstEnded: boolean): string | undefined {
  try {
    const environ = firstEnded ? environOfThread(pid) : environOf(`/proc/${pid}`);
    const start = environ.startsWith(MARKER_PREFIX) ? 0 : environ.indexOf(`\0${MARKER_PREFIX}`) + 1;
    if (start === 0 && !environ.startsWith(MARKER_PREFIX)) return undefined;
    const end = environ.indexOf('\0', start);
    return environ.slice(start + MARKER_PREFIX.length, end === -1 ? undefined : end);
  } catch (error) {
    return unlessExhausted(error);
  }
}

const EXHAUSTED: ReadonlySet<unknown> = new Set(['EMFILE', 'ENFILE', 'ENOMEM']);

/** Gone, or not ours to read: nothing more is known. A failure of our own must not look like that. */
function unlessExhausted(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && EXHAUSTED.has(error.code)) throw error;
  return undefined;
}

const START = String.raw`\w{3} +\w{3} +\d+ +[\d:]{8} +\d{4}`;
const PS_ROW = new RegExp(String.raw`^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(${START})\s*(.*)$`);
const PS_MARKER = new RegExp(`(?:^|\\s)${MARKER_VARIABLE}=(\\S+)`);
/** `-E` appends the environment to the command. */
const PS_COLUMNS = ['-Eww', '-o', 'pid=,ppid=,pgid=,state=,lstart=,command='];
const PS_OPTIONS = {
  encoding: 'utf8',
  maxBuffer: 256 * 1024 * 1024,
  env: { ...process.env, LC_ALL: 'C' },
} as const;

const tableFromPs = (): ProcessEntry[] => parsePs(execFileSync('/bin/ps', ['-A', ...PS_COLUMNS], PS_OPTIONS));

/** The rows of `ps`, start times in seconds; a marker has no spaces. */
export function parsePs(rows: string): ProcessEntry[] {
  return rows.split('\n').flatMap(row => {
    const [, pid, parent, group, state, start = '', command = ''] = PS_ROW.exec(row) ?? [];
    if (pid === undefined || state === undefined) return [];
    return {
      pid: Number(pid),
      parent: Number(parent),
      group: Number(group),
      session: 0,
      zombie: state.startsWith('Z'),
      startTicks: Date.parse(start) / 1_000,
      marker: () => PS_MARKER.exec(command)?.[1],
      limit: () => undefined,
    };
  });
}
