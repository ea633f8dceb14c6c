import { formatDay } from '../../sdk/format.ts';
import { isEstimated } from '../../sdk/group/cost/session-ledger.ts';
import { foldJournal, foldRecord, newGroupFold, sessionsOf } from '../../sdk/group/journal/fold.ts';
import { isEvent } from '../../sdk/group/journal/records.ts';
import type { StoredGroup } from '../../sdk/group/store/store.ts';
import type { SessionDefinition } from '../../sdk/group/types.ts';
import type { Grouping } from './groupings.ts';

/** An amount that a session has spent. */
interface Amount {
  readonly sessionId: string;
  readonly microUsd: number;
  /** Part of what the session has spent is estimated. */
  readonly estimated: boolean;
  /** When, in epoch milliseconds; undefined: at some time of the group. */
  readonly at: number | undefined;
}

/** What one group has spent under one key. */
export interface GroupSpending {
  microUsd: number;
  estimated: boolean;
  readonly sessions: Set<string>;
}

/**
 * What a group has spent, by key. Reads its snapshot where times do not matter, and otherwise its journal, one record at a
 * time: the memory grows with the group's sessions, and not with its history.
 * @param since epoch milliseconds. Default: everything.
 */
export async function spendingOf(
  stored: StoredGroup,
  by: Grouping,
  since = Number.NEGATIVE_INFINITY,
): Promise<ReadonlyMap<string, GroupSpending>> {
  const isWhole = by !== 'day' && Date.parse(stored.group.createdAt) >= since;
  const keyOf = keysOf(stored, by);
  const found = new Map<string, GroupSpending>();
  for await (const { sessionId, microUsd, estimated, at = since } of isWhole
    ? totals(stored)
    : history(stored)) {
    if (at < since) continue;
    const key = keyOf(sessionId, at);
    const sum = found.get(key) ?? { microUsd: 0, estimated: false, sessions: new Set() };
    sum.microUsd += microUsd;
    sum.estimated ||= estimated;
    sum.sessions.add(sessionId);
    found.set(key, sum);
  }
  return found;
}

function keysOf({ group: { id, definition } }: StoredGroup, by: Grouping) {
  const sessions = new Map(definition.sessions.map(session => [session.id, session]));
  const unknown = (sessionId: string) => `${id} ${sessionId}`; // its definition has gone, and it has not run
  return (sessionId: string, at: number): string => {
    if (by === 'group') return id;
    if (by === 'day') return formatDay(at);
    const session = sessions.get(sessionId);
    if (!session) return unknown(sessionId);
    return by === 'model'
      ? modelOf(session)
      : (session.projectPath ?? session.project?.git ?? unknown(sessionId));
  };

  /** As the definition names it; what an agent's subagents use counts for their session. */
  function modelOf({ model = definition.config.model, agent = definition.config.agent }: SessionDefinition) {
    return model ?? `the default of ${agent.kind}`;
  }
}

function* totals(stored: StoredGroup): Generator<Amount> {
  const { sessions } = stored.fold ?? foldJournal(stored.records);
  for (const [sessionId, { ledger }] of sessions) {
    const { settled } = ledger;
    if (settled !== 0) yield { sessionId, microUsd: settled, estimated: isEstimated(ledger), at: undefined };
  }
}

/** Every change of a session's cost. An internal record has no time: it is that of the event that follows from it. */
async function* history(stored: StoredGroup): AsyncGenerator<Amount> {
  const fold = newGroupFold(stored.fold?.format);
  const seen = new Map<string, number>();
  const changed = new Set<string>();
  const amounts = function* (): Generator<Amount> {
    for (const sessionId of changed) {
      const ledger = fold.sessions.get(sessionId)?.ledger;
      const before = seen.get(sessionId) ?? 0;
      if (!ledger || ledger.settled === before) continue;
      seen.set(sessionId, ledger.settled);
      const estimated = isEstimated(ledger);
      yield { sessionId, microUsd: ledger.settled - before, estimated, at: fold.at };
    }
    changed.clear();
  };
  for await (const record of stored.history()) {
    foldRecord(fold, record);
    for (const id of sessionsOf(record)) changed.add(id);
    if (isEvent(record)) yield* amounts();
  }
  yield* amounts();
}
