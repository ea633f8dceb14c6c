import { toUsd } from './ledger.ts';
import type { GroupResult, SessionResult } from './progress.ts';
import type { UpstreamResult } from './prompt-scope.ts';
import type { RunnerView } from './runner-view.ts';

/** How the group stands, session by session. */
export function groupResult(runner: RunnerView): GroupResult {
  const { roster, ledger } = runner.state;
  const { status } = runner;
  const reason = status === 'completed' || status === 'running' ? undefined : roster.reason;
  return {
    groupId: runner.groupId,
    status,
    ...(reason === undefined ? {} : { reason }),
    sessions: Object.fromEntries(
      [...runner.state.sessions.keys()].map(id => [id, sessionResult(runner, id)]),
    ),
    totalCostUsd: toUsd(ledger.usedMicroUsd),
    totalTokens: ledger.tokens,
    elapsedMs: Math.round(runner.progress.elapsedMs),
  };
}

function sessionResult(runner: RunnerView, id: string): SessionResult {
  const progress = runner.progress.sessionProgress(id);
  const run = runner.findRun(id);
  const status = progress?.status ?? 'pending';
  const error = status === 'failed' ? progress?.error : undefined;
  return {
    status,
    ...(progress?.skipReason ? { reason: progress.skipReason } : {}),
    ...(error ? { error } : {}),
    costUsd: toUsd(runner.state.ledger.costOf(id)),
    attempts: run?.attempts ?? 0,
    ...(status === 'completed' && run?.result !== undefined ? { result: run.result } : {}),
  };
}

/** What a settled session left for the prompts of those after it. */
export function upstreamResult(runner: RunnerView, id: string): UpstreamResult | undefined {
  const progress = runner.progress.sessionProgress(id);
  if (!progress) return undefined;
  const run = runner.findRun(id);
  return {
    status: progress.status,
    result: run?.result,
    output: run?.output,
    error: progress.error?.message,
    errorCode: progress.error?.code,
  };
}
