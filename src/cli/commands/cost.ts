import { z } from 'zod';
import { SessionGroupsError } from '../../sdk/errors.ts';
import { formatUsd } from '../../sdk/format.ts';
import { toUsd } from '../../sdk/group/cost/ledger.ts';
import { isRehearsal } from '../../sdk/group/standing/rehearsal.ts';
import { META_DAMAGED } from '../../sdk/group/store/group-meta.ts';
import type { GroupMeta, GroupStore } from '../../sdk/group/store/store.ts';
import type { CliContext } from '../context.ts';
import { type CostRow, renderCosts } from '../cost/cost-text.ts';
import { GROUPINGS, type Grouping } from '../cost/groupings.ts';
import { type GroupSpending, spendingOf } from '../cost/spending.ts';
import { lookOf } from '../terminal.ts';
import { cleanLine, jsonLine } from '../text.ts';

const CostOptions = z.object({
  by: z.enum(GROUPINGS),
  since: z.number().optional(),
  json: z.boolean().default(false),
});

/** `cost`: what all saved groups have spent, archived ones included, without rehearsals and what agents only claim that stand in. Reads one group after the other. */
export async function cost({ services, io }: CliContext, given: unknown): Promise<void> {
  const { by, since, json } = CostOptions.parse(given);
  const store = await services.openStore(io.env);
  const sums = new Map<string, Sum>();
  let groups = 0;
  let scriptedMicroUsd = 0;
  for (const meta of await store.list({ archived: true })) {
    if (since !== undefined && isOlder(meta, since)) continue;
    try {
      const added = await addGroup(meta.id, store, { by, since }, sums);
      if (added.byKey.size > 0) groups += 1;
      scriptedMicroUsd += added.scriptedMicroUsd;
    } catch (error) {
      // Damaged, not readable, or deleted meanwhile.
      if (!(error instanceof SessionGroupsError)) throw error;
      const { code, message } = error;
      if (json) io.stdout.write(jsonLine({ type: 'left_out', groupId: meta.id, code, message }));
      else io.stderr.write(`left out: ${meta.id}: ${cleanLine(message)}\n`);
    }
  }
  const rows = sorted([...sums.values()].map(rowOf), by);
  if (json) {
    for (const row of rows) io.stdout.write(jsonLine({ type: 'cost', by, ...row }));
    const costUsd = toUsd([...sums.values()].reduce((total, { microUsd }) => total + microUsd, 0));
    const scripted = scriptedMicroUsd > 0 ? { scriptedUsd: toUsd(scriptedMicroUsd) } : {};
    io.stdout.write(jsonLine({ type: 'total', costUsd, groups, ...scripted }));
    return;
  }
  if (rows.length === 0) io.stderr.write('Nothing was spent.\n');
  else io.stdout.write(renderCosts(rows, by, lookOf(io.stdout, io.env)));
  if (scriptedMicroUsd > 0)
    io.stderr.write(
      `Not counted: ${formatUsd(toUsd(scriptedMicroUsd))} of scripted agents, which is no money.\n`,
    );
}

/** Nothing of it can have been spent since then. A damaged meta does not know. */
const isOlder = ({ updatedAt, reason }: GroupMeta, since: number): boolean =>
  reason !== META_DAMAGED && Date.parse(updatedAt) < since;

interface Sum {
  readonly key: string;
  readonly name: string | undefined;
  microUsd: number;
  estimated: boolean;
  groups: number;
  sessions: number;
}

/** Adds what a group has spent to the sums. */
async function addGroup(
  id: string,
  store: GroupStore,
  { by, since }: { readonly by: Grouping; readonly since: number | undefined },
  sums: Map<string, Sum>,
): Promise<GroupSpending> {
  const stored = await store.read(id);
  if (isRehearsal(stored.group)) return { byKey: new Map(), scriptedMicroUsd: 0 };
  const spending = await spendingOf(stored, by, since);
  for (const [key, { microUsd, estimated, sessions }] of spending.byKey) {
    const name = by === 'group' ? stored.group.definition.name : undefined;
    const sum = sums.get(key) ?? { key, name, microUsd: 0, estimated: false, groups: 0, sessions: 0 };
    sum.microUsd += microUsd;
    sum.estimated ||= estimated;
    sum.groups += 1;
    sum.sessions += sessions.size;
    sums.set(key, sum);
  }
  return spending;
}

const rowOf = ({ key, name, microUsd, estimated, groups, sessions }: Sum): CostRow => ({
  ...{ key, ...(name === undefined ? {} : { name }), costUsd: toUsd(microUsd) },
  ...{ estimated, groups, sessions },
});

/** Days in their order, everything else with the most expensive first. */
const sorted = (rows: readonly CostRow[], by: Grouping): readonly CostRow[] =>
  rows.toSorted((a, b) =>
    by === 'day' ? (a.key < b.key ? -1 : 1) : b.costUsd - a.costUsd || (a.key < b.key ? -1 : 1),
  );
