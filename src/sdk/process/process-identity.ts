import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { isCode } from '../disk/disk-files.ts';
import { parseStat } from './process-table.ts';

/**
 * When a live process started, as an opaque string that no other process with the same pid ever has, so that a
 * reused pid isn't mistaken for the recorded process. Undefined: no such process, or only its zombie is left.
 * Linux: boot id and start in clock ticks (field 22 of /proc/PID/stat); elsewhere `ps`.
 * Throws when it can't find out, say for lack of file descriptors: a live process is never reported dead.
 */
export function processStartTime(pid: number): string | undefined {
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  return process.platform === 'linux' ? startOnLinux(pid) : startFromPs(pid);
}

function startOnLinux(pid: number): string | undefined {
  try {
    const entry = parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    return entry && !entry.zombie ? `${bootId()}:${entry.startTicks}` : undefined;
  } catch (error) {
    if (isCode(error, 'ENOENT') || isCode(error, 'ESRCH')) return undefined;
    throw error;
  }
}

/** `T`: stopped by a signal. Followed by nothing that could be part of a program's name. */
const STOPPED = /\) T [^)]*$/;

/**
 * Whether the process is stopped by a signal, as Ctrl-Z sends it: it is alive, and runs again with SIGCONT. False for one that
 * isn't there, and where that can't be found out.
 */
export function isSuspended(pid: number): boolean {
  try {
    if (process.platform === 'linux') return STOPPED.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    return askPs(pid, 'state=').startsWith('T');
  } catch {
    return false;
  }
}

/** The boot in a start time; undefined where it names none. */
export function bootIn(startTime: string | undefined): string | undefined {
  return /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}):\d+$/.exec(startTime ?? '')?.[1];
}

/**
 * The namespace in which this process's pids mean something: a container has its own. Undefined where there are none.
 * The system reuses a namespace's number only once all of its processes have ended.
 */
export function pidNamespace(): string | undefined {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return undefined;
  }
}

let knownBootId: string | undefined;

/** Ticks count from boot: without the boot id, processes from before and after a restart could be confused. */
function bootId(): string {
  knownBootId ??= readBootId();
  return knownBootId;
}

function readBootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return 'unknown-boot';
  }
}

function startFromPs(pid: number): string | undefined {
  try {
    const [state = '', ...start] = askPs(pid, 'state=,lstart=').split(/\s+/);
    return start.length > 0 && !state.startsWith('Z') ? start.join(' ') : undefined;
  } catch (error) {
    // ps exits with 1 when there is no such process.
    if (error instanceof Error && 'status' in error && error.status === 1) return undefined;
    throw error;
  }
}

const askPs = (pid: number, columns: string): string =>
  execFileSync('/bin/ps', ['-o', columns, '-p', String(pid)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, LC_ALL: 'C' },
  }).trim();
