import { formatDay } from '../../sdk/format.ts';
import { isEstimated } from '../../sdk/group/cost/session-ledger.ts';
import { foldJournal } from '../../sdk/group/journal/fold.ts';
import { type SpentAmount, spendingChanges } from '../../sdk/group/standing/spending-changes.ts';
import type { StoredGroup } from '../../sdk/group/store/store.ts';
import type { SessionDefinition } from '../../sdk/group/types.ts';
import { capabilitiesOf } from '../../sdk/session/own/registered.ts';
import type { Grouping } from './groupings.ts';

/** What one group has spent. */
export interface GroupSpending {
  readonly byKey: ReadonlyMap<string, KeySpending>;
  /** What its agents that only stand in claim to have spent: it is in no key, for it is no money. */
  readonly scriptedMicroUsd: number;
}

/** What one group has spent under one key. */
interface KeySpending {
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
): Promise<GroupSpending> {
  const isWhole = by !== 'day' && Date.parse(stored.group.createdAt) >= since;
  const keyOf = keysOf(stored, by);
  const isScripted = standInsOf(stored);
  const byKey = new Map<string, KeySpending>();
  let scriptedMicroUsd = 0;
  for await (const { sessionId, microUsd, estimated, at = since } of isWhole
    ? totals(stored)
    : spendingChanges(stored)) {
    if (at < since) continue;
    if (isScripted(sessionId)) {
      scriptedMicroUsd += microUsd;
      continue;
    }
    const key = keyOf(sessionId, at);
    const sum = byKey.get(key) ?? { microUsd: 0, estimated: false, sessions: new Set() };
    sum.microUsd += microUsd;
    sum.estimated ||= estimated;
    sum.sessions.add(sessionId);
    byKey.set(key, sum);
  }
  return { byKey, scriptedMicroUsd };
}

/** Whether a session's agent stands in for another. One whose definition has gone may have been a real one. */
function standInsOf({ group: { definition } }: StoredGroup) {
  const can = capabilitiesOf();
  const standIns = definition.sessions.filter(
    ({ agent = definition.config.agent }) => can(agent.kind).standsIn,
  );
  const ids = new Set(standIns.map(({ id }) => id));
  return (sessionId: string): boolean => ids.has(sessionId);
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
