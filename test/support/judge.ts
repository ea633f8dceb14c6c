import type { Roster } from '../../src/sdk/group/schedule/roster.ts';
import type { Schedule } from '../../src/sdk/group/schedule/schedule.ts';
import type { ScheduleNote } from '../../src/sdk/group/schedule/schedule-entry.ts';

/** Judges all that has settled, as the group's chart does by its guards; gives what that led to. */
export function judge(schedule: Schedule, notes: readonly ScheduleNote[] = []): ScheduleNote[] {
  const all = [...notes];
  for (let next = schedule.nextUndecided(); next; next = schedule.nextUndecided()) {
    if (schedule.isSatisfied(next.index)) schedule.enqueue(next.index);
    else if (schedule.isViolated(next.index)) all.push(...schedule.skip(next.index));
  }
  return all;
}

/** The same for a roster, which keeps its notes. */
export function judgeRoster(roster: Roster): void {
  for (let next = roster.nextUndecided(); next; next = roster.nextUndecided()) {
    if (roster.dependenciesSatisfied(next.id)) roster.enqueue(next.id);
    else if (roster.dependenciesViolated(next.id)) roster.skip(next.id);
  }
}
