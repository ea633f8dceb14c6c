import { resolve } from 'node:path';
import { z } from 'zod';
import { isLiveGroup } from '../../../../machines/vocabulary.ts';
import { given } from '../../../sdk/given.ts';
import { unreadGroup, worksIn } from '../../../sdk/group/api/list-groups.ts';
import { attentionTo, attentionToListed } from '../../../sdk/group/standing/attention.ts';
import type { GroupMeta, GroupStore } from '../../../sdk/group/store/store.ts';
import { shownStatus } from '../../../words/marks.ts';
import type { CliContext } from '../../context.ts';
import { currentGroupOf } from '../../groups/current-group.ts';
import { lookForDeliveries } from '../../groups/delivery-look.ts';
import { isDamaged, type ListedGroup, renderList } from '../../show/list-text.ts';
import { lookOf } from '../../terminal.ts';
import { jsonLine } from '../../text.ts';

const ListOptions = z.object({
  json: z.boolean().default(false),
  status: z.array(z.string()).optional(),
  since: z.number().optional(),
  project: z.string().optional(),
  limit: z.number().default(50),
  archived: z.boolean().default(false),
});
type ListOptions = z.output<typeof ListOptions>;

/** `group list`: lists saved groups, newest first. */
export async function groupList(context: CliContext, given: unknown): Promise<void> {
  const { services, io } = context;
  const options = ListOptions.parse(given);
  const store = await services.openStore(io.env);
  const folder = options.project === undefined ? undefined : resolve(io.cwd, options.project);
  const found: ListedGroup[] = [];
  // One more than the limit, to know whether there are more.
  const isFiltered = [options.status, options.since, folder].some(filter => filter !== undefined);
  const metas = await store.list({
    archived: options.archived,
    ...(isFiltered ? {} : { limit: options.limit + 1 }),
  });
  for (const meta of await lookForDeliveries(store, io)(metas)) {
    if (found.length > options.limit) break;
    const group = await current(meta, store, context);
    if (fits(group, options) && (folder === undefined || (await worksIn(meta.id, folder, store))))
      found.push(group);
  }
  const shown = found.slice(0, options.limit);
  if (options.json) for (const group of shown) io.stdout.write(jsonLine({ type: 'group', ...group }));
  else if (shown.length > 0)
    io.stdout.write(renderList(shown, { ...lookOf(io.stdout, io.env), now: io.now() }));
  else io.stderr.write(metas.length === 0 ? NONE : 'No matching groups.\n');
  if (found.length > shown.length) io.stderr.write('There are more: raise --limit.\n');
}

/** The current state: the meta of a live or interrupted group may be some seconds old. */
async function current(meta: GroupMeta, store: GroupStore, context: CliContext): Promise<ListedGroup> {
  const damaged = isDamaged(meta);
  if (!isLiveGroup(meta.status) && !damaged)
    return { ...meta, ...given({ attention: attentionToListed(meta) }) };
  try {
    const { stored, progress, status, suspendedAt } = await currentGroupOf(
      await store.read(meta.id),
      context,
    );
    const { completed, totalSessions: total, totalCostUsd } = progress;
    const { ownerUnreadable } = stored;
    const owner =
      stored.owner?.alive === true ? given({ owner: stored.owner, suspendedAt }) : given({ ownerUnreadable });
    const { reason, ...known } = meta;
    const details = damaged ? { name: stored.group.definition.name } : reason === undefined ? {} : { reason };
    const counts = { ...meta.counts, total, completed };
    const deciding = given({ ...progress, toDeliver: meta.toDeliver });
    const attention = meta.archivedAt === undefined ? attentionTo(status, deciding, stored.owner) : undefined;
    return { ...known, ...details, status, counts, totalCostUsd, ...owner, ...given({ attention }) };
  } catch (error) {
    return unreadGroup(meta, error);
  }
}

const NONE = 'No groups yet. Run one with: session-groups run FILE\n';

function fits(group: ListedGroup, { status, since }: ListOptions): boolean {
  if (since !== undefined && Date.parse(group.createdAt) < since) return false;
  return status?.some(one => one === group.status || one === shownStatus(group.status, group.owner)) ?? true;
}
