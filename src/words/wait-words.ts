import { formatClock, formatUntil, formatUsd } from '../sdk/format.ts';
import type { WaitReason } from '../sdk/group/progress/progress.ts';

/** Why a session or a group is not going on, for people. Names stand in it as they came: not clean for a terminal. */
export function waitWords(why: WaitReason, now: number): string {
  switch (why.kind) {
    case 'dependency':
      return `waits for ${listed(why.sessions)}`;
    case 'slot':
      return `waits for a slot (${why.live} of ${why.maxConcurrent} busy)`;
    case 'project':
      return `project busy: ${why.heldBy.length > 0 ? listed(why.heldBy) : 'held by another group'}`;
    case 'budget':
      return `limit reached ${formatUsd(why.usageUsd)} of ${formatUsd(why.limitUsd)}`;
    case 'quota':
      return `account limit until ${formatClock(why.until)} (in ${formatUntil(why.until, now)})`;
    case 'retry':
      return `retry ${why.attempt} in ${formatUntil(why.until, now)}: ${why.code.replaceAll('_', ' ')}`;
    case 'approval':
      return `wants permission: ${why.tool}`;
    case 'paused':
      return why.reason === 'manual' ? 'paused' : `paused: ${pauseWords(why.reason)}`;
    case 'not_started':
      return 'not started';
  }
}

const PAUSE_WORDS: Readonly<Record<string, string>> = {
  manual: 'on request',
  budget_exceeded: 'the budget is used up',
  error_threshold: 'too many failures',
  quota: 'the account limit resets too late',
  agent_unavailable: 'the agent is not available',
  sessions_paused: 'only held sessions are left',
  store_failed: 'its records cannot be written',
  shutdown: 'shut down',
  held: 'held by itself',
};

/** A reason as events and results carry it; an unknown one is shown as it is. */
export function pauseWords(reason: string): string {
  return PAUSE_WORDS[reason] ?? reason.replaceAll('_', ' ');
}

function listed(ids: readonly string[]): string {
  const shown = ids.slice(0, 3).join(', ');
  return ids.length > 3 ? `${shown} and ${ids.length - 3} more` : shown;
}
