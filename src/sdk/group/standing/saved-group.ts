import { isLiveSession } from '../../../../machines/vocabulary.ts';
import type { Clock } from '../../clock.ts';
import { limitInMicroUsd, limitInUsd, toMicroUsd } from '../cost/ledger.ts';
import { buildGraph } from '../dependency-graph.ts';
import { foldJournal, type GroupFold, limitIn, settledIn } from '../journal/fold.ts';
import { ProgressAggregator } from '../progress-aggregator.ts';
import { Schedule } from '../schedule/schedule.ts';
import { openEdges } from '../schedule/session-standing.ts';
import type { StoredGroup } from '../store/store.ts';
import type { SessionGroup } from '../types.ts';
import { isRehearsal } from './rehearsal.ts';
import { savedSlots } from './saved-slots.ts';
import { type Standing, whyGroup, whySession } from './why.ts';

/** A group, read from its journal and its definition. */
export interface SavedGroup {
  readonly progress: ProgressAggregator;
  /** The outcomes of its sessions, over the definition's graph. */
  readonly schedule: Schedule;
}

/**
 * Reads a group that others may run: starts and writes nothing, and doesn't change the fold.
 *
 * @param isRun a live process owns it, so that its live sessions hold slots.
 */
export function savedGroup(
  group: SessionGroup,
  fold: GroupFold,
  clock: Clock,
  { isRun }: { readonly isRun: boolean },
): SavedGroup {
  const { sessions, config } = group.definition;
  const { maxConcurrent, respectDependencies } = config.concurrency;
  const graph = buildGraph(sessions, { respectDependencies });
  const schedule = new Schedule(graph);
  schedule.restore(settledIn(fold));
  const limitMicroUsd = limitIn(fold) ?? limitInMicroUsd(config.budget.maxBudgetUsd);
  const progress: ProgressAggregator = new ProgressAggregator(
    {
      groupId: group.id,
      name: group.definition.name,
      sessions,
      maxConcurrent,
      clock,
      why: id => (id === undefined ? whyGroup(standing) : whySession(standing, id)),
      limitUsd: () => limitInUsd(limitMicroUsd),
    },
    fold,
  );
  const usedMicroUsd = toMicroUsd(progress.getGroupStats().totalCostUsd);
  const guessed = [...fold.sessions.values()].reduce((sum, { ledger }) => sum + (ledger.guessed ?? 0), 0);
  const slots = savedSlots(group, fold, clock, isRun);
  const waitOf: Standing['waitOf'] = id => {
    const index = graph.indexOf(id);
    if (index === undefined || schedule.outcomeOf(index) !== undefined) return undefined;
    const session = fold.sessions.get(id);
    // One whose agent is there is only about to be paused.
    if (session?.held && !(isRun && isLiveSession(session.status))) return 'held';
    if (session?.inPlay) return slots.waitOf(id);
    return schedule.isWaiting(index) ? 'dependency' : slots.waitOf(id);
  };
  const standing: Standing = {
    progress,
    reason: fold.reason,
    budget: {
      usedMicroUsd,
      certainMicroUsd: usedMicroUsd - guessed,
      limitMicroUsd,
      action: config.budget.onBudgetExceeded,
    },
    rehearsal: isRehearsal(group),
    storeFailure: undefined,
    get groupWait(): Standing['groupWait'] {
      const until = slots.closedUntil;
      if (slots.live > 0 || until === undefined) return undefined;
      const ids = sessions.map(({ id }) => id);
      if (ids.some(id => progress.statusOf(id) === 'pending' && waitOf(id) === 'slot')) return undefined;
      return { kind: 'quota', account: [...new Set(ids.map(slots.accountOf))].join(', '), until };
    },
    waitOf,
    openEdges: id => openEdges(id, schedule),
    placeOf: () => ({ kind: 'placement' }), // the same of what it waits for
    stepOf: () => undefined,
    lostOf: () => undefined,
    mergeOf: () => undefined, // only its owner knows whose turn it is
    requestOf: id => (isRun ? fold.sessions.get(id)?.request : undefined),
    accountOf: slots.accountOf,
    slot: () => ({ kind: 'slot', live: slots.live, maxConcurrent }),
    project: slots.project,
    quota: slots.quota,
  };
  return { progress, schedule };
}

/** The fold of a saved group's journal. Read-only: it may be the store's own. */
export const foldOf = (kept: Pick<StoredGroup, 'fold' | 'records'>): GroupFold =>
  kept.fold ?? foldJournal(kept.records);
