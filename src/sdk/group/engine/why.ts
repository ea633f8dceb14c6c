import { overBudget } from '../../../../machines/group-guards.ts';
import { pauseReasonOf } from '../../../../machines/vocabulary.ts';
import { toUsd } from '../cost/ledger.ts';
import type { WaitReason } from '../progress/progress.ts';
import type { RunnerView } from './runner-view.ts';

/** Why the group as a whole does not go on; undefined while it does, and once it has settled. */
export function whyGroup(runner: RunnerView): WaitReason | undefined {
  const { roster } = runner.state;
  switch (runner.status) {
    case 'created':
      return { kind: 'not_started' };
    case 'pausing':
    case 'paused': {
      const reason = pauseReasonOf(roster.reason);
      return reason === 'budget_exceeded' && isOverBudget(runner)
        ? budget(runner)
        : { kind: 'paused', reason, ...(reason === 'store_failed' ? storeMessage(runner) : {}) };
    }
    case 'running': {
      if (roster.live === 0 && roster.waitsForOthers) return { kind: 'slot', ...roster.slots };
      const until = roster.quota.closedUntil;
      if (roster.live > 0 || roster.ready > 0 || until === undefined) return undefined;
      return { kind: 'quota', account: accounts(runner), until };
    }
    default:
      return undefined;
  }
}

/** Why a session does not go on; undefined while it works, and once it has settled. */
export function whySession(runner: RunnerView, id: string): WaitReason | undefined {
  const { roster, graph, accountOf } = runner.state;
  const run = runner.findRun(id);
  const { status } = runner;
  const session = runner.progress.statusOf(id);
  if (session === undefined || WORKING.has(session)) return undefined;
  if (status === 'created') return { kind: 'not_started' };
  if (session === 'awaiting_approval' && run?.request) return { kind: 'approval', ...run.request };
  if (session === 'retrying' && run) {
    return {
      kind: 'retry',
      until: run.waitsUntil ?? 0,
      attempt: run.attempts + 1,
      code: run.error?.code ?? 'process_lost',
    };
  }
  if (session === 'quota_wait' && run) {
    return { kind: 'quota', account: accountOf(id) ?? run.agent.kind, until: run.waitsUntil ?? 0 };
  }
  const wait = roster.waitOf(id);
  if (wait === 'held') return { kind: 'paused', reason: 'held' };
  if (wait === 'dependency') {
    const index = graph.indexOf(id);
    const open = index === undefined ? [] : roster.schedule.openDependencies(index);
    return { kind: 'dependency', sessions: open.map(upstream => graph.nodes[upstream]?.id ?? '') };
  }
  if (status !== 'running')
    return whyGroup(runner) ?? { kind: 'paused', reason: pauseReasonOf(roster.reason) };
  if (isOverBudget(runner)) return budget(runner);
  if (wait === 'project') {
    const project = roster.spec.projectOf(id);
    return { kind: 'project', project, heldBy: roster.holdersOf(project) };
  }
  if (wait === 'account') {
    const account = accountOf(id) ?? '';
    return { kind: 'quota', account, until: roster.quota.closedUntil ?? 0 };
  }
  return { kind: 'slot', ...roster.slots };
}

const WORKING: ReadonlySet<string> = new Set([
  'preparing',
  'running',
  'interrupting',
  'completed',
  'failed',
  'stopped',
  'skipped',
]);

const storeMessage = ({ recorder: { failure } }: RunnerView) => (failure ? { message: failure.message } : {});

const isOverBudget = (runner: RunnerView) =>
  overBudget({ context: { roster: runner.state.roster }, event: { type: 'budget.changed' } });

function budget({ state: { ledger } }: RunnerView): WaitReason {
  return { kind: 'budget', usageUsd: toUsd(ledger.usedMicroUsd), limitUsd: toUsd(ledger.limitMicroUsd) };
}

function accounts({ state }: RunnerView): string {
  return [...new Set([...state.sessions.keys()].flatMap(id => state.accountOf(id) ?? []))].join(', ');
}
