import type { Clock } from '../../clock.ts';
import { limitInMicroUsd, limitInUsd, toMicroUsd } from '../cost/ledger.ts';
import { buildGraph } from '../dependency-graph.ts';
import { foldJournal, type GroupFold, limitIn, settledIn } from '../journal/fold.ts';
import { ProgressAggregator } from '../progress-aggregator.ts';
import { Schedule } from '../schedule/schedule.ts';
import type { StoredGroup } from '../store/store.ts';
import type { SessionGroup } from '../types.ts';
import { type Standing, whyGroup, whySession } from './why.ts';

/** A group, read from its journal and its definition. */
export interface SavedGroup {
  readonly progress: ProgressAggregator;
  /** The outcomes of its sessions, over the definition's graph. */
  readonly schedule: Schedule;
}

/** Reads a group that others may run: starts and writes nothing, and doesn't change the fold. */
export function savedGroup(group: SessionGroup, fold: GroupFold, clock: Clock): SavedGroup {
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
  const kinds = new Map(sessions.map(({ id, agent = config.agent }) => [id, agent.kind]));
  const standing: Standing = {
    progress,
    reason: fold.reason,
    budget: {
      usedMicroUsd,
      certainMicroUsd: usedMicroUsd - guessed,
      limitMicroUsd,
      action: config.budget.onBudgetExceeded,
    },
    storeFailure: undefined,
    groupWait: undefined,
    waitOf: id => {
      const index = graph.indexOf(id);
      if (index === undefined || schedule.outcomeOf(index) !== undefined) return undefined;
      const session = fold.sessions.get(id);
      if (session?.inPlay) return session.held ? 'held' : undefined;
      return schedule.isWaiting(index) ? 'dependency' : 'slot';
    },
    openDependencies: id => schedule.openDependencies(id),
    requestOf: () => undefined,
    waitsUntil: () => 0,
    accountOf: id => kinds.get(id) ?? '',
    // Without an engine, the group holds no slot, project or account.
    slot: () => ({ kind: 'slot', live: 0, maxConcurrent }),
    project: () => ({ kind: 'project', project: '', heldBy: [] }),
    quota: id => ({ kind: 'quota', account: kinds.get(id) ?? '', until: 0 }),
  };
  return { progress, schedule };
}

/** The fold of a saved group's journal. Read-only: it may be the store's own. */
export const foldOf = (kept: Pick<StoredGroup, 'fold' | 'records'>): GroupFold =>
  kept.fold ?? foldJournal(kept.records);
