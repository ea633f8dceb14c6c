import type { Concern, Court } from '../concern.ts';

/** I13 at rest: everything has settled, or waits for something that somebody has to do. */
export function rest(court: Court): Concern {
  const { truth, runs, neighbours } = court;
  let resting: { readonly timers: number } | undefined;

  function look(): void {
    if (resting !== undefined && resting.timers > 0)
      court.report('I13', `${resting.timers} timers are left at rest`);
    if (court.journal.next === 0) return; // its creation failed
    if (truth.undecided.size > 0 && !court.ownerless && !court.trouble.disk) {
      court.report('I13', `never judged: ${[...truth.undecided].join(', ')}`);
    }
    if (truth.unsettled === 0 && truth.live && !court.ownerless && !court.trouble.disk) {
      court.report('I13', `everything has settled, and the group is ${truth.status}`);
    }
    if (truth.settled && truth.unsettled > 0) {
      court.report('I13', `${truth.unsettled} sessions have not settled, and the group is ${truth.status}`);
    }
    if (court.trouble.disk || asksSomebody()) return;
    if (truth.live && !court.ownerless) {
      court.report('I13', `the group is ${truth.status}, and nothing is going to happen`);
    }
    for (const [pid, { running }] of neighbours.shown) {
      if (running && court.processes.get(pid)?.state === 'alive')
        court.report('I13', 'the neighbour is running, and nothing is going to happen');
    }
  }

  /** A person has to answer, or an agent that nobody bounds is at work. */
  function asksSomebody(): boolean {
    if (runs.live.size > 0 || neighbours.live.size > 0) return true;
    return [...truth.sessions.values()].some(session => session.request !== undefined);
  }

  return {
    see(observation) {
      if (observation.kind === 'at rest') resting = observation;
    },
    step() {
      if (resting !== undefined) look();
      resting = undefined;
    },
    end() {
      look();
      for (const session of truth.sessions.values()) {
        if (
          session.held &&
          session.disputed.size === 0 &&
          session.end === undefined &&
          session.status === 'running' &&
          !court.ownerless
        ) {
          court.report('§7 holds', `${session.id} is held, and never pauses`);
        }
      }
    },
  };
}
