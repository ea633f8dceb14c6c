import type { Schedule } from './schedule.ts';

/** Whether this session's outcome prevents its group from being `completed` (I5). */
export function isBad(schedule: Schedule, index: number): boolean {
  const outcome = schedule.outcomeOf(index);
  if (outcome === 'failed') return !schedule.graph.nodes[index]?.session.allowFailure;
  if (outcome === 'skipped') return schedule.skipReasonOf(index) !== 'not_needed';
  return outcome === 'stopped';
}

/**
 * The sessions that a retry runs again: all failed, stopped and upstream-skipped ones; or, given `ids`, those among
 * them and the sessions that were skipped because of them.
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

/** The same, as ids. */
export const retryIds = (schedule: Schedule, ids: readonly string[] | undefined): string[] =>
  retrySelection(schedule, ids).map(index => schedule.idOf(index));
