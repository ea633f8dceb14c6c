import { given } from '../../given.ts';
import type { ProgressAggregator } from '../progress-aggregator.ts';
import type { GroupMeta } from '../store/store.ts';
import type { SessionGroup } from '../types.ts';
import { waitsForDelivery } from './deliverable.ts';
import { isRehearsal } from './rehearsal.ts';

/** The group's entry in lists. @param updatedAt ISO 8601, UTC. */
export function metaOf(group: SessionGroup, progress: ProgressAggregator, updatedAt: string): GroupMeta {
  const { id, definition, slug, createdAt, sourceFile, executor } = group;
  const { totalSessions, totalCostUsd, totalTokens: _tokens, ...counts } = progress.getGroupStats();
  const { status, reason, archivedAt } = progress.fold;
  return given({
    id,
    name: definition.name,
    slug,
    description: definition.description,
    status,
    reason: status === 'completed' ? undefined : reason,
    createdAt,
    updatedAt,
    counts: { total: totalSessions, ...counts },
    totalCostUsd,
    rehearsal: isRehearsal(group) || undefined,
    executor,
    toDeliver: waitsForDelivery(progress.fold) || undefined,
    archivedAt,
    sourceFile,
  });
}
