import type { Observation, Pid } from '../../history.ts';
import type { Concern, Court } from '../concern.ts';

interface Running {
  readonly pid: Pid;
  readonly session: string;
  readonly step: number;
}

/** §5 (its tree), I6, I7: which commands of the project run, and when. */
export function commands(court: Court): Concern {
  const { truth, runs } = court;
  const live = new Map<number, Running>();

  const isThere = (pid: Pid): boolean => {
    const state = court.processes.get(pid)?.state;
    return state === 'alive' || state === 'frozen';
  };

  function started({ pid, session, command }: Extract<Observation, { kind: 'command.started' }>): void {
    for (const other of live.values()) {
      if (!isThere(other.pid))
        court.report('I7', `a command of ${session} starts, and one of a dead engine runs`);
      else if (other.session === session) court.report('§5 tree', `two commands of ${session} run at once`);
    }
    if (runs.liveOf(session).length > 0)
      court.report('§5 tree', `a command of ${session} runs while its agent works`);
    live.set(command, { pid, session, step: court.step });
  }

  return {
    see(observation) {
      if (observation.kind === 'command.started') started(observation);
      else if (observation.kind === 'command.ended') live.delete(observation.command);
      else if (observation.kind === 'agent.started') {
        for (const { session } of live.values())
          if (session === observation.session)
            court.report('§5 tree', `${session} starts while a command runs in its tree`);
      }
    },
    step() {
      const resting = truth.settled || truth.status === 'paused' || truth.status === 'created';
      for (const { pid, session } of live.values()) {
        if (resting && isThere(pid) && !court.trouble.disk)
          court.report('I7', `a command of ${session} runs in a group that is ${truth.status}`);
      }
    },
    end() {
      for (const { pid, session } of live.values())
        if (isThere(pid)) court.report('I7', `a command of ${session} runs at rest`);
    },
  };
}
