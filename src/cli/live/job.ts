import { systemClock } from '../../sdk/clock.ts';
import { isInForeground, suspendJob } from '../../sdk/process/job-control/suspend.ts';
import { treeWatch } from '../../sdk/process/tree-watch.ts';

/** The process as a job of the user's shell. */
export interface Job {
  /** Whether it may read the terminal. */
  isInForeground(): boolean;
  /**
   * Stops it with all that its agents have started, and resolves once it is continued; at once where no shell could do so.
   * @param onStopped called just before it stops.
   */
  suspend(onStopped: () => void): Promise<void>;
}

/** This process, with all that its agents have started. */
export const processJob: Job = {
  isInForeground,
  suspend: onStopped => suspendJob(treeWatch(systemClock), onStopped),
};
