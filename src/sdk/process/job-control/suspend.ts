import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { signalMember } from '../end-tree.ts';
import type { ProcessId, TreeWatch } from '../tree-watch.ts';

/*
 * This process as a job of a shell.
 *
 * SUSPEND-1 while it is suspended, none of what its attempts have started runs: all of it is stopped before, and what is
 *    started meanwhile as well.
 * SUSPEND-2 it goes on at the same moment, before anything here can be taken for silence.
 */

/** What forks while it is looked for is found by another look. */
const MOST_LOOKS = 10;

/**
 * Stops every tree, then this job, and returns once it is continued; at once where no shell could continue it.
 * @param watch of the trees.
 * @param onStopped called just before the job stops.
 */
export async function suspendJob(watch: TreeWatch, onStopped: () => void = () => {}): Promise<void> {
  const stopped = new Map<string, ProcessId>();
  const stop = (): number => {
    const before = stopped.size;
    for (const member of watch.everyone()) {
      const id = `${member.pid} ${member.startTicks}`;
      if (stopped.has(id)) continue;
      stopped.set(id, member);
      signalMember(member, 'SIGSTOP');
    }
    return stopped.size - before;
  };
  stop(); // what is known, so that it forks no more
  for (let look = 0; look < MOST_LOOKS; look += 1) {
    await watch.look().catch(() => {}); // a table that can't be read: what is known is stopped
    if (stop() === 0) break;
  }
  onStopped();
  stop();
  try {
    stopJob();
  } finally {
    for (const member of stopped.values()) signalMember(member, 'SIGCONT');
  }
}

/** With all that the shell counts to it, such as npm: it waits for its programs, and would not notice. */
function stopJob(): void {
  const listeners = process.listeners('SIGTSTP');
  process.removeAllListeners('SIGTSTP'); // the default action stops
  try {
    process.kill(0, 'SIGTSTP');
  } finally {
    for (const listener of listeners) process.on('SIGTSTP', listener);
  }
}

/** Whether this job may read the terminal, and change its mode: otherwise, it would be stopped for that. */
export function isInForeground(): boolean {
  try {
    const [group, foreground] =
      process.platform === 'linux'
        ? statFields(readFileSync('/proc/self/stat', 'utf8'))
        : execFileSync('/bin/ps', ['-o', 'pgid=,tpgid=', '-p', `${process.pid}`], { encoding: 'utf8' })
            .trim()
            .split(/\s+/);
    // Without a controlling terminal, nothing is stopped.
    return foreground === group || Number(foreground) <= 0;
  } catch {
    return true;
  }
}

/** The process group, and that in the foreground of its terminal. */
function statFields(stat: string): [string | undefined, string | undefined] {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return [fields[2], fields[5]];
}
