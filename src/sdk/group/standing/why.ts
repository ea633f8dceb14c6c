import { isSpent } from '../../../../machines/budget-guards.ts';
import type { BudgetPort } from '../../../../machines/contract.ts';
import { type GroupReason, isSettled, isWorking, pauseReasonOf } from '../../../../machines/vocabulary.ts';
import { given } from '../../given.ts';
import { toUsd } from '../cost/ledger.ts';
import type { ShownRequest } from '../journal/session/shown-request.ts';
import type { WaitReason } from '../progress/progress.ts';
import type { ProgressAggregator } from '../progress-aggregator.ts';
import type { SessionWait } from '../schedule/session-standing.ts';
import type { SessionDependency } from '../types.ts';

type Wait<Kind extends WaitReason['kind']> = Extract<WaitReason, { readonly kind: Kind }>;

/** What is needed of a group, live or saved, to derive its wait reasons. */
export interface Standing {
  readonly progress: ProgressAggregator;
  readonly reason: GroupReason | undefined;
  readonly budget: Pick<BudgetPort, 'usedMicroUsd' | 'certainMicroUsd' | 'limitMicroUsd' | 'action'>;
  /** Whether what its agents claim to have spent is no money. */
  readonly rehearsal: boolean;
  /** Why its records can't be written. */
  readonly storeFailure: string | undefined;
  /** What the running group as a whole waits for. */
  readonly groupWait: Wait<'slot' | 'quota'> | undefined;
  waitOf(id: string): SessionWait | undefined;
  /** The edges to upstream sessions that haven't settled. */
  openEdges(id: string): readonly SessionDependency[];
  /** The permission request that is shown to a person, and ends with the engine that shows it. */
  requestOf(id: string): ShownRequest | undefined;
  /** Who merges while this session waits for its turn. */
  mergeOf(id: string): Wait<'merge'> | undefined;
  /** What an attempt waits for that has no worker yet. */
  placeOf(id: string): Wait<'placement'>;
  /** What a step in its tree waits for that no worker has taken. */
  stepOf(id: string): Wait<'placement'> | undefined;
  /** When its attempt is given up, because nothing is heard of its worker. */
  lostOf(id: string): Wait<'worker_lost'> | undefined;
  accountOf(id: string): string;
  slot(): Wait<'slot'>;
  project(id: string): Wait<'project'>;
  /** The usage limit that keeps a session from starting. */
  quota(id: string): Wait<'quota'>;
}

/** Why the group as a whole is waiting; undefined if it isn't, or has settled. */
export function whyGroup(standing: Standing): WaitReason | undefined {
  switch (standing.progress.status) {
    case 'created':
      return { kind: 'not_started' };
    case 'pausing':
    case 'paused': {
      const reason = pauseReasonOf(standing.reason);
      if (reason === 'budget_exceeded' && isOverBudget(standing)) return budget(standing);
      const message = reason === 'store_failed' ? standing.storeFailure : undefined;
      const letGo = reason === 'sessions_paused' && !isAnyHeld(standing) ? true : undefined;
      return given({ kind: 'paused' as const, reason, message, letGo });
    }
    case 'running':
      return standing.groupWait;
    default:
      return undefined;
  }
}

const isAnyHeld = ({ progress, waitOf }: Standing) => progress.ids.some(id => waitOf(id) === 'held');

/** Why a session is waiting; undefined if it is working or has settled. One that is held says so before any other reason. */
export function whySession(standing: Standing, id: string): WaitReason | undefined {
  const { status, fold } = standing.progress;
  const session = standing.progress.statusOf(id);
  if (session === undefined || isSettled(session)) return undefined;
  const { attempts = 0, error, waitsUntil: until = 0, tree, heldBy: by } = fold.sessions.get(id) ?? {};
  const wait = standing.waitOf(id);
  if (wait === 'held') return given({ kind: 'paused' as const, reason: 'held' as const, by });
  const lost = standing.lostOf(id);
  if (lost) return lost;
  if (session === 'placing') return standing.placeOf(id);
  if (session === 'integrating') return standing.mergeOf(id) ?? standing.stepOf(id);
  if (isWorking(session)) return standing.stepOf(id);
  if (status === 'created') return { kind: 'not_started' };
  const request = session === 'awaiting_approval' ? standing.requestOf(id) : undefined;
  if (request) return { kind: 'approval', ...request };
  if (session === 'retrying') {
    return { kind: 'retry', until, attempt: attempts + 1, code: error?.code ?? 'process_lost' };
  }
  if (session === 'quota_wait') return { kind: 'quota', account: standing.accountOf(id), until };
  if (session === 'paused' && standing.reason === 'conflict' && tree?.conflict) {
    const { files, with: others = [] } = tree.conflict;
    return { kind: 'conflict', files, with: others };
  }
  if (wait === 'dependency') return dependencyWait(standing.openEdges(id));
  if (status !== 'running') {
    return whyGroup(standing) ?? { kind: 'paused', reason: pauseReasonOf(standing.reason) };
  }
  if (isOverBudget(standing)) return budget(standing);
  if (wait === 'project') return standing.project(id);
  return wait === 'account' ? standing.quota(id) : standing.slot();
}

/** Of edges to what has not settled. */
export function dependencyWait(open: readonly SessionDependency[]): Wait<'dependency'> {
  const toFail = open.filter(({ when }) => when === 'failed').map(({ session }) => session);
  const sessions = open.map(({ session }) => session);
  return { kind: 'dependency', sessions, ...(toFail.length === 0 ? {} : { toFail }) };
}

const isOverBudget = ({ budget }: Standing) => budget.action !== 'warn' && isSpent(budget);

const budget = ({ budget: { usedMicroUsd, limitMicroUsd }, rehearsal }: Standing): Wait<'budget'> => ({
  kind: 'budget',
  usageUsd: toUsd(usedMicroUsd),
  limitUsd: toUsd(limitMicroUsd),
  ...(rehearsal ? { rehearsal } : {}),
});
