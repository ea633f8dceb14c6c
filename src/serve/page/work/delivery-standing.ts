import { sentence } from '../../../sdk/format.ts';
import { repositoryName } from '../../../words/delivery-words.ts';
import { isPossible } from '../../../words/possible.ts';
import type { Status } from '../../../words/verbs.ts';
import { visible } from '../../../words/visible.ts';
import { listOf } from '../../../words/wait-words.ts';
import type { DeliveryDetail, RepositoryDelivery, SessionDelivery } from '../../delivery-types.ts';
import { shownName } from '../texts/diff.ts';

export interface DeliveryStanding {
  /** What waits for delivery, and where it goes. */
  readonly words: string;
  /** Whether there is something that can be delivered, now or later. */
  readonly isOpen: boolean;
  /** Why it can't be delivered now; absent if it can. */
  readonly why?: string;
  /** Whether a command does it, once a branch is named. */
  readonly hasCommand: boolean;
}

const UNNAMED = 'Name a branch first.';

/** Whether its sessions merged anything that the project had not had before. */
export const hasMergedChange = ({ merged, base }: RepositoryDelivery): boolean =>
  merged !== null && merged !== base;

/** Whether it has changed something, and nothing but its own branch is to get that. */
export const isOnItsBranch = ({ integrate, result, from }: SessionDelivery): boolean =>
  (integrate === 'branch' || integrate === 'pr') && result !== undefined && result !== from;

/** What the repository of a session is called among those of its group; undefined where there is no other. */
export function repositoryOf(
  { repository }: Pick<SessionDelivery, 'repository'>,
  all: readonly RepositoryDelivery[],
): string | undefined {
  const found = all.find(one => one.repository === repository);
  return found === undefined || all.length < 2 ? undefined : shownName(repositoryName(found, all));
}

/**
 * @param into the branch that is named; empty: none is.
 * @param suspended that the group's process is suspended, and how it goes on. Default: it is not.
 */
export function deliveryStanding(
  {
    repositories,
    refusal,
    delivered,
    sessions = [],
  }: Pick<DeliveryDetail, 'repositories' | 'refusal' | 'delivered'> &
    Partial<Pick<DeliveryDetail, 'sessions'>>,
  status: Status,
  into: string,
  suspended?: string,
): DeliveryStanding {
  const merged = repositories.filter(hasMergedChange);
  if (merged.length === 0) {
    const apart = sessions.filter(isOnItsBranch);
    if (apart.length > 0) {
      const named = apart.map(session => {
        const place = repositoryOf(session, repositories);
        return place === undefined ? session.id : `${session.id} (in ${place})`;
      });
      const words = `What ${listOf(named)} changed is on ${apart.length === 1 ? 'its branch' : 'their branches'}; nothing is merged.`;
      return { isOpen: false, hasCommand: false, words };
    }
    const isAny = repositories.some(one => one.merged !== null);
    const words = `Nothing waits for delivery: no session has ${isAny ? 'changed' : 'merged'} anything.`;
    return { isOpen: false, hasCommand: false, words };
  }
  const branch = shownName(into);
  const waiting = merged.filter(({ delivery }) => delivery !== 'done');
  if (waiting.length === 0) {
    const why = `${branch} has all that was merged.`;
    return { isOpen: true, hasCommand: false, words: `Nothing waits for delivery: ${why}`, why };
  }
  const what = `What was merged in ${listOf(waiting.map(one => shownName(repositoryName(one, repositories))))} waits for delivery`;
  const why = suspended ?? whyNot(waiting, refusal, status, into);
  const next = why === UNNAMED ? ' Name the branch of yours that it goes into.' : '';
  // The branch may be gone meanwhile, or have gone back.
  const isDelivered = delivered !== undefined && into === delivered;
  const words = isDelivered
    ? `Nothing waits for delivery: what was merged was delivered into ${branch}.`
    : into === ''
      ? `${what}.${next}`
      : `${what} into ${branch}.`;
  if (why === undefined) return { isOpen: true, hasCommand: true, words };
  return { isOpen: true, hasCommand: why === UNNAMED, words, why };
}

function whyNot(
  waiting: DeliveryDetail['repositories'],
  refusal: DeliveryDetail['refusal'],
  status: Status,
  into: string,
): string | undefined {
  if (!isPossible('integrate', status))
    return status === 'interrupted'
      ? 'Resume the group first.'
      : 'Possible once all its sessions have completed.';
  if (into === '' && (refusal === undefined || refusal.code === 'branch_required')) return UNNAMED;
  if (refusal) return [sentence(refusal.message), refusal.hint].filter(Boolean).join(' ');
  if (waiting.some(({ moves }) => moves.length > 0)) return undefined;
  const [{ reason = '' } = {}] = waiting;
  return sentence(visible(reason));
}
