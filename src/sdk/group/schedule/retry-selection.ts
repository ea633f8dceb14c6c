import type { Schedule } from './schedule.ts';

/** Whether how this session settled forbids its group to be `completed` (I5). */
export function isBad(schedule: Schedule, index: number): boolean {
  const outcome = schedule.outcomeOf(index);
  if (outcome === 'failed') return !schedule.graph.nodes[index]?.session.allowFailure;
  if (outcome === 'skipped') return schedule.skipReasonOf(index) !== 'not_needed';
  return outcome === 'stopped';
}

/**
 * The sessions that a retry runs again: failed, stopped and upstream-skipped ones. Of `ids`, where they are given,
 * and with them what was skipped because of them.
 */
export function retrySelection(schedule: Schedule, ids: readonly string[] | undefined): number[] {
  const { graph } = schedule;
  const again = (index: number) => schedule.outcomeOf(index) === 'failed' || isBad(schedule, index);
  if (!ids) return graph.nodes.map(node => node.index).filter(again);
  const chosen = new Set(ids.flatMap(id => graph.indexOf(id) ?? []).filter(again));
  for (const index of chosen) {
    for (const { to } of graph.nodes[index]?.dependents ?? []) {
      if (schedule.skipReasonOf(to) === 'upstream_failed') chosen.add(to);
    }
  }
  return [...chosen].sort((a, b) => a - b);
}

/** The same, by their ids. */
export const retryIds = (schedule: Schedule, ids: readonly string[] | undefined): string[] =>
  retrySelection(schedule, ids).map(index => schedule.idOf(index));
