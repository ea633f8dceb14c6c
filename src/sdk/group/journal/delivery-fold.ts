import {
  type GroupReason,
  type GroupStatus,
  isSettledGroup,
  type SettledGroup,
} from '../../../../machines/vocabulary.ts';
import { given } from '../../given.ts';
import type { BranchOrder, DeliveryOrder } from '../../workspace/orders.ts';
import type { JournalRecord } from './records.ts';

/** What a group's journal says of its delivery; part of the group's fold (fold.ts). */
export interface DeliveryFold {
  /** What was merged is where it was to go; nothing has completed since. */
  delivered: boolean;
  /** The branch that a request to deliver named; undefined once it is delivered. */
  askedInto: string | undefined;
  /** Of the delivery under way, by repository: what has been ordered. Replaced, never mutated. */
  deliveries: Readonly<Record<string, DeliveryOrder>>;
  /** Of what is being taken back of it, by repository: what has been ordered. Replaced, never mutated. */
  undoing: Readonly<Record<string, BranchOrder>>;
  /** As what, and why, the group had settled when it was asked to deliver. */
  settledBefore: { readonly status: SettledGroup; readonly reason?: GroupReason } | undefined;
}

/** Before the first delivery. */
export const newDeliveryFold = (): DeliveryFold => ({
  delivered: false,
  askedInto: undefined,
  deliveries: {},
  undoing: {},
  settledBefore: undefined,
});

/** Applies one record, to a fold whose status is still the one before it. */
export function applyToDelivery(
  fold: DeliveryFold & { readonly status: GroupStatus; readonly reason: GroupReason | undefined },
  record: JournalRecord,
): void {
  switch (record.type) {
    case 'group_delivering': {
      const { status, reason } = fold;
      if (isSettledGroup(status)) fold.settledBefore = given({ status, reason });
      fold.askedInto = record.requested ? record.into : undefined;
      break;
    }
    case '_delivering':
      fold.deliveries = { ...fold.deliveries, [record.repository]: record.order };
      break;
    case '_undoing':
      fold.undoing = { ...fold.undoing, [record.repository]: record.order };
      break;
    case 'delivery_undone':
      fold.deliveries = {};
      fold.undoing = {};
      break;
    case 'group_delivered':
      fold.delivered = true;
      fold.deliveries = {};
      fold.undoing = {};
      fold.askedInto = undefined;
      break;
    case 'session_completed':
      fold.delivered = false;
      break;
    case 'group_stopped':
    case 'group_failed':
    case 'group_completed':
      fold.askedInto = undefined;
      fold.settledBefore = undefined;
      break;
    case 'group_retried':
      fold.settledBefore = undefined;
      break;
    case 'group_paused':
      if (fold.settledBefore) fold.askedInto = undefined;
      break;
    case 'group_updated':
      if (record.added.length > 0) fold.settledBefore = undefined;
      break;
    default:
      break;
  }
}
