import { type Clock, systemClock } from '../../clock.ts';
import type { RefusedError } from '../../errors.ts';
import { namedIds } from '../fan-out/members.ts';
import { changeable, copyFold, type GroupFold, stillInPlay } from '../journal/fold.ts';
import type { GroupProgress, GroupResult } from '../progress/progress.ts';
import { retryIds } from '../schedule/retry-selection.ts';
import type { GroupOwner, StoredGroup } from '../store/store.ts';
import { integrateRefusal } from './deliverable.ts';
import { keptStatus } from './kept-status.ts';
import { groupResult } from './result.ts';
import { foldOf, savedGroup } from './saved-group.ts';

/** A group as its journal describes it, for processes that don't own it. */
export interface GroupView {
  readonly progress: GroupProgress;
  readonly result: GroupResult;
  /** The journal says that the group is live, but its engine has died. */
  readonly interrupted: boolean;
  /** `seq` of the next event. */
  readonly nextSeq: number;
  /** What `retry` would run again. */
  retryPlan(sessions?: readonly string[]): readonly string[];
  /**
   * The error that `integrate` would be refused with, if the group's status allows it at all; undefined: it is accepted,
   * and may still find a branch that cannot move.
   * @param into default: the branch that the definition names.
   */
  integrateRefusal(into?: string): RefusedError | undefined;
}

/** Reads a group without becoming its owner (STORE-2): starts and writes nothing. */
export function viewGroup(stored: StoredGroup, clock: Clock = systemClock): GroupView {
  const { group, owner } = stored;
  const fold = pausedByDeath(foldOf(stored), owner);
  const { progress: aggregator, schedule } = savedGroup(group, fold, clock, {
    isRun: owner?.alive === true,
  });
  // Each costs O(sessions), and few callers need both.
  let progress: GroupProgress | undefined;
  let result: GroupResult | undefined;
  return {
    get progress() {
      progress ??= aggregator.getProgress();
      return progress;
    },
    get result() {
      result ??= groupResult(aggregator);
      return result;
    },
    interrupted: keptStatus(fold.status, owner) === 'interrupted',
    nextSeq: fold.seq,
    retryPlan: words => retryIds(schedule, words && namedIds(group.definition.sessions, words)),
    integrateRefusal: into => integrateRefusal(group.definition.config, fold, schedule, into),
  };
}

/** Treats a pause that was in progress when the engine died, or about to be over, as complete. */
function pausedByDeath(fold: GroupFold, owner: GroupOwner | undefined): GroupFold {
  if ((fold.status !== 'pausing' && fold.status !== 'paused') || owner?.alive === true) return fold;
  const inPlay = stillInPlay(fold);
  if (inPlay.length === 0) return fold;
  const paused = copyFold(fold);
  for (const id of inPlay) {
    const session = changeable(paused, id);
    if (session) session.status = 'paused';
  }
  return paused;
}
