import { hostname } from 'node:os';
import { isCode } from '../sdk/disk/disk-files.ts';
import { isSuspended, pidNamespace, processStartTime } from '../sdk/process/process-identity.ts';

export { bootIn } from '../sdk/process/process-identity.ts';

/** What a group's lock needs from the machine that it runs on. */
export interface Machine {
  readonly host: string;
  /** This process. */
  readonly pid: number;
  /** Where its pids mean something (process-identity.ts); undefined where that is the whole machine. */
  readonly pidNamespace: string | undefined;
  /** As in process-identity.ts: undefined if no process has the pid. @throws if that cannot be determined. */
  startTime(pid: number): string | undefined;
  /** For systems without start times. */
  exists(pid: number): boolean;
  /** As in process-identity.ts. */
  isSuspended(pid: number): boolean;
}

export const thisMachine: Machine = {
  get host() {
    return hostname();
  },
  pid: process.pid,
  pidNamespace: pidNamespace(),
  startTime: processStartTime,
  isSuspended,
  exists(pid) {
    try {
      process.kill(pid, 0);
      return true;
    } catch (error) {
      return isCode(error, 'EPERM');
    }
  },
};
