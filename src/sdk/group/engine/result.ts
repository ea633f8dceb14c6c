import { toUsd } from '../cost/ledger.ts';
import { NO_FILES } from '../document/group-files.ts';
import type { KeptResult } from '../journal/kept-result.ts';
import type { GroupResult, SessionResult } from '../progress/progress.ts';
import type { UpstreamResult } from '../prompts/prompt-scope.ts';
import type { RenderContext } from '../prompts/render-prompt.ts';
import type { SessionGroup } from '../types.ts';
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
    ...storeErrorOf(runner),
    sessions: Object.fromEntries(
      [...runner.state.sessions.keys()].map(id => [id, sessionResult(runner, id)]),
    ),
    totalCostUsd: toUsd(ledger.usedMicroUsd),
    totalTokens: ledger.tokens,
    elapsedMs: Math.round(runner.progress.elapsedMs),
  };
}

/** Of a group that has paused for it, or whose last records are not written. */
function storeErrorOf({ status, state, recorder }: RunnerView): Pick<GroupResult, 'storeError'> {
  const { failure, held } = recorder;
  const pausedForIt = status === 'paused' && state.roster.reason === 'store_failed';
  if (!failure || !(pausedForIt || held.length > 0)) return {};
  const { code, message, hint } = failure;
  return { storeError: { code, message, ...(hint === undefined ? {} : { hint }) } };
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
    ...(status === 'completed' && run?.left ? resultFields(run.left) : {}),
  };
}

function resultFields(
  left: KeptResult,
): Pick<SessionResult, 'result' | 'output' | 'outputFile' | 'changedFiles'> {
  const { result, outputFile, changedFiles } = left;
  const output = outputFile === undefined ? left.output : undefined; // which may have to be read
  return {
    result,
    ...(output === undefined ? {} : { output }),
    ...(outputFile === undefined ? {} : { outputFile }),
    ...(changedFiles === undefined ? {} : { changedFiles }),
  };
}

/** What a settled session left for the prompts of those after it. */
export function upstreamResult(runner: RunnerView, id: string): UpstreamResult | undefined {
  const progress = runner.progress.sessionProgress(id);
  if (!progress) return undefined;
  const run = runner.findRun(id);
  return {
    status: progress.status,
    ...run?.left,
    error: progress.error?.message,
    errorCode: progress.error?.code,
  };
}

/** What prompts and configuration are made from, as the group stands when they are. */
export function renderContext(runner: RunnerView & { readonly group: SessionGroup }): RenderContext {
  const { definition, files = NO_FILES } = runner.group;
  const { name, description } = definition;
  const resultOf = (upstream: string) => upstreamResult(runner, upstream);
  return { group: { id: runner.groupId, name, description }, files, resultOf };
}
