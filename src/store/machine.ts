import { hostname } from 'node:os';
import { processStartTime } from '../sdk/process/process-identity.ts';

/** What the lock of a group asks of the machine that it runs on. */
export interface Machine {
  readonly host: string;
  /** Of this process. */
  readonly pid: number;
  /** As in process-identity.ts: undefined where no process has the pid. @throws where it could not look. */
  startTime(pid: number): string | undefined;
  /** For where the system gives no start times. */
  exists(pid: number): boolean;
}

export const thisMachine: Machine = {
  get host() {
    return hostname();
  },
  pid: process.pid,
  startTime: processStartTime,
  exists(pid) {
    try {
      process.kill(pid, 0);
      return true;
    } catch (error) {
      return error instanceof Error && 'code' in error && error.code === 'EPERM';
    }
  },
};
