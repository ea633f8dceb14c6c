import { formatDay } from '../../sdk/format.ts';
import { isEstimated } from '../../sdk/group/cost/session-ledger.ts';
import { foldJournal } from '../../sdk/group/journal/fold.ts';
import { type SpentAmount, spendingChanges } from '../../sdk/group/standing/spending-changes.ts';
import type { StoredGroup } from '../../sdk/group/store/store.ts';
import type { SessionDefinition } from '../../sdk/group/types.ts';
import type { Grouping } from './groupings.ts';

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
    : spendingChanges(stored)) {
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

function* totals(stored: StoredGroup): Generator<SpentAmount> {
  const { sessions } = stored.fold ?? foldJournal(stored.records);
  for (const [sessionId, { ledger }] of sessions) {
    const { settled } = ledger;
    if (settled !== 0) yield { sessionId, microUsd: settled, estimated: isEstimated(ledger), at: undefined };
  }
}
