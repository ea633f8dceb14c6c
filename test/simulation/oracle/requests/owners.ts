import type { Observation, Pid } from '../../history.ts';
import type { Concern, Court } from '../concern.ts';

type Request = Extract<Observation, { kind: 'request' }>;

/** I12 and §8: a group has one owner; who is dead owns nothing, and is nobody's reason to refuse. */
export function owners(court: Court): Concern {
  /** Who has the group for certain: it has opened it, and has not been asked since for what may let go of it. */
  const surely = new Set<Pid>();
  /** Who may have the group: it has asked for what may take it over. */
  const perhaps = new Set<Pid>();
  /** Requests that are open, and who else may have had the group since each was made. */
  const open = new Map<number, { readonly request: Request; readonly others: Set<Pid> }>();

  const isThere = (pid: Pid): boolean => {
    const state = court.processes.get(pid)?.state;
    return state === 'alive' || state === 'frozen';
  };

  function asked(request: Request): void {
    const { id, pid, via, verb } = request;
    const others = new Set([...perhaps].filter(isThere));
    open.set(id, { request, others });
    const takes = verb === 'open' || via === 'http' || via === 'manager';
    if (!takes) return void (verb === 'dispose' && surely.delete(pid));
    perhaps.add(pid);
    // A handle that the HTTP API has opened it also closes, and so does the manager one that it has opened for a moment.
    if (verb !== 'open') surely.delete(pid);
    for (const one of open.values()) if (one.request.id !== id) one.others.add(pid);
  }

  function answered({ id, outcome, code }: Extract<Observation, { kind: 'answer' }>): void {
    const { request, others } = open.get(id) ?? {};
    open.delete(id);
    if (request === undefined) return;
    const { pid, verb } = request;
    if (code === 'owned_elsewhere' && others?.size === 0)
      court.report('I12', `${verb}: owned elsewhere, and there is nobody else`);
    if (outcome !== 'accepted' || verb !== 'open') return;
    for (const other of surely) {
      if (other !== pid && isThere(other)) court.report('I12', `${pid} opens the group, and ${other} has it`);
    }
    if (![...open.values()].some(one => one.request.pid === pid)) surely.add(pid);
  }

  return {
    see(observation) {
      switch (observation.kind) {
        case 'process.started':
          // The first one makes the group.
          if (perhaps.size === 0) perhaps.add(observation.pid);
          return;
        case 'event':
          if (
            observation.event.type === 'group_created' &&
            perhaps.size === 1 &&
            perhaps.has(observation.pid)
          )
            surely.add(observation.pid);
          return;
        case 'process.crashed':
        case 'process.exited':
          surely.delete(observation.pid);
          return;
        case 'request':
          asked(observation);
          return;
        case 'answer':
          answered(observation);
          return;
      }
    },
  };
}
