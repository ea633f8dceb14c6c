import type { Observation, Pid, RunId } from '../../history.ts';

/** Other groups of the same managers, as far as they share slots with the group that is watched. */
export class Neighbours {
  /** Runs of their agents that are alive, with the process whose manager started each. */
  readonly live = new Map<RunId, Pid>();
  /** How many sessions of all its groups may be live in a process, if that is limited. */
  readonly slots = new Map<Pid, number>();
  /** How the other group stands and how many of its sessions hold a slot, as its owner shows. */
  readonly shown = new Map<Pid, { readonly holding: number; readonly running: boolean }>();

  liveIn(pid: Pid): number {
    let count = 0;
    for (const own of this.live.values()) if (own === pid) count++;
    return count;
  }

  see(seen: Observation): void {
    switch (seen.kind) {
      case 'process.started':
        if (seen.slots !== undefined) this.slots.set(seen.pid, seen.slots);
        return;
      case 'neighbour.started':
        this.live.set(seen.run, seen.pid);
        return;
      case 'neighbour.ended':
        this.live.delete(seen.run);
        return;
      case 'neighbour.seen':
        this.shown.set(seen.pid, seen);
        return;
    }
  }
}
