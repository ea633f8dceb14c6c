import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';

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
  readonly zombie: boolean;
  /** Clock ticks since boot; 0 where the system doesn't report it. */
  readonly startTicks: number;
  /** Read on demand: it costs as much as all the other fields together. */
  marker(): string | undefined;
}

/**
 * Every process that this user may see. Linux: /proc, one small file per process; elsewhere one `ps`, best effort.
 * Processes that exit during the read are left out. Throws when it can't read, say for lack of file descriptors:
 * a live process is never left out because of that.
 */
export function readProcessTable(): ProcessEntry[] {
  return process.platform === 'linux' ? tableFromProc() : tableFromPs();
}

/** Fields of /proc/PID/stat; the program's name (field 2) may contain spaces and parentheses. */
export function parseStat(stat: string): Omit<ProcessEntry, 'marker'> | undefined {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, parent, group, session] = fields;
  const startTicks = fields[19];
  if (state === undefined || startTicks === undefined) return undefined;
  return {
    pid: Number.parseInt(stat, 10),
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    zombie: state === 'Z' || state === 'X',
    startTicks: Number(startTicks),
  };
}

function tableFromProc(): ProcessEntry[] {
  const entries: ProcessEntry[] = [];
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    const entry = entryOf(pid);
    if (entry) entries.push(entry);
  }
  return entries;
}

/** The entry of one process. */
export function entryOf(pid: number): ProcessEntry | undefined {
  if (process.platform !== 'linux') return tableFromPs().find(entry => entry.pid === pid);
  try {
    const parsed = parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    return parsed && { ...parsed, marker: () => markerFromEnviron(pid) };
  } catch (error) {
    return unlessExhausted(error);
  }
}

const MARKER_PREFIX = `${MARKER_VARIABLE}=`;

/** Only root may read other users' environments; checking the owner first is cheaper than the error. */
function markerFromEnviron(pid: number): string | undefined {
  try {
    const uid = process.getuid?.();
    if (uid !== 0 && statSync(`/proc/${pid}`).uid !== uid) return undefined;
    const environ = readFileSync(`/proc/${pid}/environ`, 'utf8');
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

const PS_ROW = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/;
const PS_MARKER = new RegExp(`(?:^|\\s)${MARKER_VARIABLE}=(\\S+)`);

/** `-E` appends the environment to the command; a marker has no spaces. */
function tableFromPs(): ProcessEntry[] {
  const rows = execFileSync('/bin/ps', ['-A', '-Eww', '-o', 'pid=,ppid=,pgid=,state=,command='], {
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return rows.split('\n').flatMap(row => {
    const [, pid, parent, group, state, command = ''] = PS_ROW.exec(row) ?? [];
    if (pid === undefined || state === undefined) return [];
    return {
      pid: Number(pid),
      parent: Number(parent),
      group: Number(group),
      session: 0,
      zombie: state.startsWith('Z'),
      startTicks: 0,
      marker: () => PS_MARKER.exec(command)?.[1],
    };
  });
}
