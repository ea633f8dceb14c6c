import { resolve, sep } from 'node:path';
import { GROUP_STATUSES, isLiveGroup } from '../../../../machines/vocabulary.ts';
import { expectArgument, isCount } from '../../argument.ts';
import { SessionGroupsError, textOfThrown } from '../../errors.ts';
import { given } from '../../given.ts';
import { type KeptStatus, keptStatus, type ListedMeta } from '../standing/kept-status.ts';
import type { GroupMeta, GroupStore } from '../store/store.ts';

/** Which groups to list: those that match all of these. */
export interface ListFilter {
  readonly status?: KeptStatus | readonly KeptStatus[];
  /** Created at this time or later; epoch milliseconds. */
  readonly since?: number;
  /** At most this many, the newest. Default: all. */
  readonly limit?: number;
  /** With a session in this folder or below it. */
  readonly project?: string;
  /** Include archived groups. Default: false. */
  readonly archived?: boolean;
}

/** @throws SessionGroupsError `invalid_argument`: a status that is none would match no group, without a word. */
function checkFilter({ status = [], since = 0, limit = 0, project = '' }: ListFilter): void {
  const isStatus = [status].flat().every(one => STATUSES.includes(one));
  expectArgument(isStatus, 'status', `one or more of ${STATUSES.join(', ')}`);
  expectArgument(typeof since === 'number' && !Number.isNaN(since), 'since', 'a time in epoch milliseconds');
  expectArgument(isCount(limit) || limit === Number.POSITIVE_INFINITY, 'limit', 'a whole number');
  expectArgument(typeof project === 'string', 'project', 'the path of a folder');
}

const STATUSES: readonly KeptStatus[] = [...GROUP_STATUSES, 'interrupted'];

/** Newest first. Reads the journals only of groups that are live or were live when their owner died. */
export async function listGroups(store: GroupStore, filter: ListFilter): Promise<ListedMeta[]> {
  checkFilter(filter);
  const { limit = Number.POSITIVE_INFINITY, since = Number.NEGATIVE_INFINITY, project } = filter;
  const statuses = filter.status === undefined ? undefined : [filter.status].flat();
  const folder = project === undefined ? undefined : resolve(project);
  const found: ListedMeta[] = [];
  for (const meta of await store.list({ archived: filter.archived ?? false })) {
    if (found.length >= limit) break;
    if (Date.parse(meta.createdAt) < since) continue;
    const group = await standing(meta, store);
    if (statuses !== undefined && !statuses.includes(group.status)) continue;
    if (folder === undefined || (await worksIn(meta.id, folder, store))) found.push(group);
  }
  return found;
}

/** The group as it is now: a live one may have lost its owner. Never rejects. */
export async function standing(meta: GroupMeta, store: GroupStore): Promise<ListedMeta> {
  if (!isLiveGroup(meta.status)) return meta;
  try {
    const { owner, ownerUnreadable } = await store.read(meta.id);
    const status = keptStatus(meta.status, owner);
    return { ...meta, status, ...(owner?.alive === true ? { owner } : {}), ...given({ ownerUnreadable }) };
  } catch (error) {
    return unreadGroup(meta, error);
  }
}

/** A group that could not be read: its meta says what its engine wrote last. One with damaged files cannot be running. */
export function unreadGroup(meta: GroupMeta, error: unknown): ListedMeta {
  const { code, hint } = error instanceof SessionGroupsError ? error : {};
  const why = [textOfThrown(error), ...(hint === undefined ? [] : [hint])].join('. ');
  if (code === undefined || !DAMAGES.includes(code)) return { ...meta, unreadable: meta.unreadable ?? why };
  return { ...meta, status: keptStatus(meta.status, undefined), damage: why };
}

const DAMAGES: readonly string[] = ['journal_damaged', 'definition_damaged'];

/** Whether one of its sessions works in the folder or below it; false for a damaged group. */
export async function worksIn(id: string, folder: string, store: GroupStore): Promise<boolean> {
  try {
    const { group } = await store.read(id);
    return group.definition.sessions.some(({ projectPath = '' }) =>
      `${projectPath}${sep}`.startsWith(`${folder}${sep}`),
    );
  } catch {
    return false;
  }
}
