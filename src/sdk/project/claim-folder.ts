import { createHash, randomUUID } from 'node:crypto';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { processStartTime } from '../process/process-identity.ts';
import { ensureOwnFolder } from './runtime-folder.ts';

/** Claims of processes on projects, as files in one folder. No method throws. */
export interface ClaimFolder {
  /** Makes a claim visible to all atomically; undefined if the file can't be written. */
  write(project: string, holder: string): string | undefined;
  /** The claims of live processes, this one included; removes all others. */
  live(project: string): string[];
  remove(claim: string): void;
}

/**
 * A claim is a file `PROJECT.RANDOM.PID.START.claim`. Everything that matters is in the name, so a claim is complete
 * as soon as it exists, and its name is never reused. START tells a reused pid from the process that made the claim.
 * The content is for people only.
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

  return {
    remove,
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
      const content = `${JSON.stringify({ pid: own.pid, startTime, holder, project })}\n`;
      try {
        ensureOwnFolder(dir); // a cleaner of temporary files may have removed it
        writeFileSync(join(dir, claim), content, { flag: 'wx', mode: 0o600 });
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
