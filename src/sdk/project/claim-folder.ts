import { createHash, randomUUID } from 'node:crypto';
import { closeSync, openSync, readdirSync, readSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { processStartTime } from '../process/process-identity.ts';
import type { ProjectHolder } from './project-gate.ts';
import { ensureOwnFolder } from './runtime-folder.ts';

/** Claims of processes on projects, as files in one folder. No method throws. */
export interface ClaimFolder {
  /** Makes a claim visible to all atomically; undefined if the file can't be written. */
  write(project: string, holder: ProjectHolder): string | undefined;
  /** Says something else of the holder of an own claim, atomically; nothing changes if that can't be written. */
  rewrite(claim: string, project: string, holder: ProjectHolder): void;
  /** Who has made a claim; undefined if it doesn't say so, or has gone. */
  holderOf(claim: string): ProjectHolder | undefined;
  /** The claims of live processes, this one included; removes all others. */
  live(project: string): string[];
  remove(claim: string): void;
}

/**
 * A claim is a file `PROJECT.RANDOM.PID.START.claim`. Everything that matters is in the name, so a claim is complete
 * as soon as it exists, and its name is never reused. START tells a reused pid from the process that made the claim.
 * The content says who waits for what to people and to other groups; nothing is decided by it. Releases before this one
 * wrote the holder alone.
 */
export function claimFolder(dir: string): ClaimFolder {
  const startTime = processStartTime(process.pid);
  const own = { pid: process.pid, start: digest(startTime ?? UNKNOWN) };

  const isLive = (pid: number, start: string): boolean => {
    if (pid === own.pid) return start === own.start;
    try {
      const current = processStartTime(pid);
      if (current !== undefined) return digest(current) === start;
      return startTime === undefined && exists(pid); // where start times aren't available
    } catch {
      return true; // unknown: one slot too few does less harm than one too many
    }
  };

  const remove = (claim: string): void => {
    try {
      rmSync(join(dir, claim), { force: true });
    } catch {
      // Our own claim counts as stale once this process has ended.
    }
  };

  const contentOf = (project: string, of: ProjectHolder): string =>
    `${JSON.stringify({ pid: own.pid, startTime, project, ...of })}\n`;

  return {
    remove,
    rewrite(claim, project, holder) {
      const making = join(dir, `${claim}.new`);
      try {
        writeFileSync(making, contentOf(project, holder), { mode: 0o600 });
        renameSync(making, join(dir, claim));
      } catch {
        remove(`${claim}.new`);
      }
    },
    holderOf: claim => holderIn(join(dir, claim)),
    live(project) {
      const prefix = `${digest(project)}.`;
      return list(dir).filter(name => {
        const [, pid, start] = name.startsWith(prefix) ? (CLAIM.exec(name) ?? []) : [];
        if (pid === undefined || start === undefined) return false;
        if (isLive(Number(pid), start)) return true;
        remove(name);
        return false;
      });
    },
    write(project, holder) {
      const claim = `${digest(project)}.${randomUUID()}.${own.pid}.${own.start}.claim`;
      try {
        ensureOwnFolder(dir); // a cleaner of temporary files may have removed it
        writeFileSync(join(dir, claim), contentOf(project, holder), { flag: 'wx', mode: 0o600 });
        return claim;
      } catch {
        remove(claim);
        return undefined;
      }
    },
  };
}

const CLAIM = /^[0-9a-f]+\.[0-9a-f-]+\.(\d+)\.([0-9a-f]+)\.claim$/;
const UNKNOWN = 'unknown';

const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32);

/** Only this user writes there; whatever is no claim of ours is taken for one that says nothing. */
function holderIn(path: string): ProjectHolder | undefined {
  try {
    const found: unknown = JSON.parse(beginningOf(path));
    if (typeof found !== 'object' || found === null || !('holder' in found)) return undefined;
    const { holder } = found;
    if (typeof holder !== 'string') return undefined;
    const since = 'since' in found && typeof found.since === 'number' ? { since: found.since } : {};
    const waits =
      'waitsFor' in found && found.waitsFor === 'approval' ? { waitsFor: 'approval' as const } : {};
    return { holder, ...since, ...waits };
  } catch {
    return undefined;
  }
}

function beginningOf(path: string): string {
  const file = openSync(path, 'r');
  try {
    const buffer = Buffer.alloc(LONGEST_CLAIM);
    return buffer.toString('utf8', 0, readSync(file, buffer, 0, LONGEST_CLAIM, 0));
  } finally {
    closeSync(file);
  }
}

/** A path of 4 KiB, escaped, and the rest. */
const LONGEST_CLAIM = 32 * 1024;

function list(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
