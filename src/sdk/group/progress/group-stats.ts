import { z } from 'zod';
import { phaseOf } from '../../../../machines/vocabulary.ts';
import { addTokens, NO_TOKENS } from '../../session/usage.ts';
import { toMicroUsd, toUsd } from '../cost/ledger.ts';
import { checkInput } from '../input/checked-sessions.ts';
import { SessionStatus } from '../types.ts';
import type { GroupStats } from './progress.ts';

/** The counter of `GroupStats` for the sessions in each phase. */
const COUNTERS = {
  pending: 'pending',
  working: 'running',
  asking: 'waiting',
  waiting: 'waiting',
  paused: 'paused',
  completed: 'completed',
  failed: 'failed',
  stopped: 'stopped',
  skipped: 'skipped',
} as const;
export type Counter = (typeof COUNTERS)[keyof typeof COUNTERS];

export const counterOf = (status: SessionStatus): Counter => COUNTERS[phaseOf(status)];

export const NO_SESSIONS: Readonly<Record<Counter, number>> = Object.freeze({
  pending: 0,
  running: 0,
  waiting: 0,
  paused: 0,
  completed: 0,
  failed: 0,
  skipped: 0,
  stopped: 0,
});

const amount = z.number().min(0).default(0);
const CountedSession = z.object({
  status: SessionStatus.default('pending'),
  costUsd: amount,
  tokens: z.object({ input: amount, output: amount, cacheRead: amount, cacheWrite: amount }).prefault({}),
});
const CountedSessions = z.object({ sessions: z.array(CountedSession) });

/**
 * What is counted of a session: its status (default: `pending`), its cost in USD and its tokens (default: 0). A
 * `SessionProgress` and a `SessionResult` are that, too; other fields are ignored.
 */
export type SessionStatsInput = z.input<typeof CountedSession>;

/**
 * The number of sessions in each state, and their total usage:
 * `getGroupStats([{ status: 'completed', costUsd: 0.2 }, { status: 'running' }])`.
 * @throws DefinitionError if a status or an amount is invalid, with its path and a suggestion.
 */
export function getGroupStats(sessions: readonly Readonly<SessionStatsInput>[]): GroupStats {
  const checked = checkInput(CountedSessions, { sessions }, 'sessions').sessions;
  const counts = { ...NO_SESSIONS };
  for (const { status } of checked) counts[counterOf(status)]++;
  return {
    totalSessions: checked.length,
    ...counts,
    totalCostUsd: toUsd(checked.reduce((sum, { costUsd }) => sum + toMicroUsd(costUsd), 0)),
    totalTokens: checked.reduce((sum, { tokens }) => addTokens(sum, tokens), NO_TOKENS),
  };
}
