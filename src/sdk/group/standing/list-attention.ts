import { isLiveGroup } from '../../../../machines/vocabulary.ts';
import { type Clock, systemClock } from '../../clock.ts';
import { SessionGroupsError } from '../../errors.ts';
import { given } from '../../given.ts';
import { META_DAMAGED } from '../store/group-meta.ts';
import type { GroupMeta, GroupStore } from '../store/store.ts';
import { ATTENTION_KINDS, type AttentionItem, attentionOf } from './attention.ts';
import { waitsForDelivery } from './deliverable.ts';
import { keptStatus } from './kept-status.ts';
import { isRehearsal } from './rehearsal.ts';
import { foldOf } from './saved-group.ts';
import { viewGroup } from './view.ts';

/** What waits for a person in the groups of a store. */
export interface AttentionList {
  /** The most urgent first: questions, plans, permissions, then paused, interrupted and failed groups; of each the newest. */
  readonly items: readonly AttentionItem[];
  /** Groups that may wait for a person, and cannot be read. */
  readonly leftOut: readonly {
    readonly groupId: string;
    readonly code: SessionGroupsError['code'];
    readonly message: string;
  }[];
}

/**
 * Archived groups wait for nobody. Reads one group after the other, of those that have settled only their meta.
 * @param look finds what was delivered by hand
 */
export async function listAttention(
  store: GroupStore,
  clock: Clock = systemClock,
  look: (metas: readonly GroupMeta[]) => Promise<readonly GroupMeta[]> = async metas => metas,
): Promise<AttentionList> {
  const items: AttentionItem[] = [];
  const leftOut: AttentionList['leftOut'][number][] = [];
  for (const meta of await look(await store.list({ archived: false }))) {
    try {
      items.push(...(await attentionIn(meta, store, clock)));
    } catch (error) {
      // Damaged, not readable, or deleted meanwhile.
      if (!(error instanceof SessionGroupsError)) throw error;
      if (error.code !== 'unknown_group')
        leftOut.push({ groupId: meta.id, code: error.code, message: error.message });
    }
  }
  const rank = ({ kind }: AttentionItem) => ATTENTION_KINDS.indexOf(kind);
  return { items: items.sort((a, b) => rank(a) - rank(b)), leftOut };
}

async function attentionIn(
  meta: GroupMeta,
  store: GroupStore,
  clock: Clock,
): Promise<readonly AttentionItem[]> {
  const { id: groupId, name, status, reason, counts, toDeliver, rehearsal } = meta;
  // A damaged meta doesn't know.
  if (!isLiveGroup(status) && status !== 'paused' && reason !== META_DAMAGED)
    return attentionOf(
      given({ groupId, name, rehearsal }),
      status,
      given({ failed: counts.failed ?? 0, toDeliver }),
    );
  const stored = await store.read(groupId);
  const { progress } = viewGroup(stored, clock);
  const { definition } = stored.group;
  const isOne = isRehearsal(stored.group) ? true : undefined;
  const about = given({ groupId, name: definition.name, rehearsal: isOne });
  const { owner } = stored;
  const fold = foldOf(stored);
  const deciding = given({ ...progress, toDeliver: waitsForDelivery(fold) || undefined });
  const owned = given({ owner, suspendedAt: fold.suspendedAt });
  return attentionOf(about, keptStatus(progress.status, owner), deciding, owned);
}
