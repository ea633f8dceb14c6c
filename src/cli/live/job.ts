import { systemClock } from '../../sdk/clock.ts';
import { isInForeground, suspendJob } from '../../sdk/process/job-control/suspend.ts';
import { treeWatch } from '../../sdk/process/tree-watch.ts';
import type { Job } from '../io.ts';

/** This process, with all that its agents have started. */
export const processJob: Job = {
  isInForeground,
  suspend: onStopped => suspendJob(treeWatch(systemClock), onStopped),
};
