import type { Observation, Pid } from '../../history.ts';
import type { Concern, Court } from '../concern.ts';

/** How long after the death of an engine its agents may live (I7). */
const REAPED_WITHIN = 2_000;

/**
 * §4 deleted: a group whose deletion was accepted is gone from the disk and for everybody, for good, and nothing of it is
 * alive; one that nobody has deleted is there.
 */
export function gone(court: Court): Concern {
  /** Deletions without an answer, and the processes that do them. */
  const open = new Map<number, Pid>();
  /** One of them may have been carried out: its process died in it, or could not finish it. */
  let possible = false;
  let there = true;
  /** The step in which a deletion was accepted. */
  let deleted = Number.POSITIVE_INFINITY;
  /** Requests that were made once it was gone. */
  const late = new Map<number, string>();
  let unknownNow: string[] = [];

  const isGone = (): boolean => !there || deleted < court.step;

  function answered({ id, outcome }: Extract<Observation, { kind: 'answer' }>): void {
    const verb = late.get(id);
    if (verb !== undefined && outcome === 'accepted' && verb !== 'dispose') {
      court.report('§4 deleted', `${verb} is accepted for a group that is gone`);
    }
    if (!open.delete(id)) return;
    if (outcome === 'accepted') deleted = Math.min(deleted, court.step);
    else if (outcome !== 'refused') possible = true;
  }

  function leavesNothingAlive(): void {
    for (const { pid, session } of court.runs.live.values()) {
      const engine = court.processes.get(pid);
      const ending = engine?.reaped === true && court.at <= engine.since + REAPED_WITHIN;
      if (!ending) court.report('I7', `${session} is alive, and its group is gone`);
    }
  }

  return {
    see(observation) {
      switch (observation.kind) {
        case 'request':
          if (isGone()) late.set(observation.id, observation.verb);
          if (observation.verb === 'delete') open.set(observation.id, observation.pid);
          return;
        case 'answer':
          answered(observation);
          return;
        case 'process.crashed':
        case 'process.exited':
          for (const [id, pid] of open) {
            if (pid !== observation.pid) continue;
            open.delete(id);
            possible = true;
          }
          return;
        case 'folder':
          there = observation.there;
          if (there && deleted <= court.step) court.report('§4 deleted', 'the group is there again');
          return;
        case 'picture':
          if (deleted < court.step) {
            court.report('§4 deleted', `${observation.via} shows a group that has been deleted`);
          }
          return;
        case 'unknown':
          unknownNow.push(observation.via);
          if (observation.listed) court.report('§4 deleted', 'a group that is gone is listed');
          return;
        case 'agent.started':
          if (isGone()) court.report('I6', `${observation.session} starts in a group that is gone`);
          return;
      }
    },
    step() {
      const hasBegun = court.truth.status !== 'none' && court.truth.status !== 'created';
      if (!there && hasBegun && !possible && open.size === 0 && deleted > court.step) {
        court.report('§4 deleted', 'the group is gone, and nobody has deleted it');
      }
      if (there && deleted <= court.step) court.report('I15', 'delete is accepted, and the group is there');
      if (there && unknownNow.length > 0) {
        court.report('§8 saved groups', `${unknownNow.join(', ')} does not know a group that is there`);
      }
      unknownNow = [];
      if (!there || deleted <= court.step) leavesNothingAlive();
    },
  };
}
