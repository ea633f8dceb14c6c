import type { GroupMeta } from '../store/store.ts';
import type { SessionGroup } from '../types.ts';
import type { RunnerView } from './runner-view.ts';

/** What a list of groups shows of this one. */
export function metaOf(runner: RunnerView & { readonly group: SessionGroup; now(): string }): GroupMeta {
  const { group, status } = runner;
  const { totalSessions, totalCostUsd, totalTokens: _tokens, ...counts } = runner.progress.getGroupStats();
  const reason = status === 'completed' ? undefined : runner.state.roster.reason;
  return {
    id: group.id,
    name: group.definition.name,
    slug: group.slug,
    ...(group.definition.description === undefined ? {} : { description: group.definition.description }),
    status,
    ...(reason === undefined ? {} : { reason }),
    createdAt: group.createdAt,
    updatedAt: runner.now(),
    counts: { total: totalSessions, ...counts },
    totalCostUsd,
    ...(runner.progress.archivedAt === undefined ? {} : { archivedAt: runner.progress.archivedAt }),
    ...(group.sourceFile === undefined ? {} : { sourceFile: group.sourceFile }),
  };
}
