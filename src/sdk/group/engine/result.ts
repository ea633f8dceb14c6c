import { toUsd } from '../cost/ledger.ts';
import { NO_FILES } from '../document/group-files.ts';
import type { SessionFold } from '../journal/fold-session.ts';
import type { KeptResult } from '../journal/kept-result.ts';
import type { GroupResult, SessionResult } from '../progress/progress.ts';
import type { ProgressAggregator } from '../progress-aggregator.ts';
import type { UpstreamResult } from '../prompts/prompt-scope.ts';
import type { RenderContext } from '../prompts/render-prompt.ts';
import type { SessionGroup } from '../types.ts';
import type { RunnerView } from './runner-view.ts';

type LeftOf = (id: string) => KeptResult | undefined;

/** How a group stands, session by session. @param leftOf what a session left, where that is known better than by its event. */
export function groupResult(progress: ProgressAggregator, leftOf: LeftOf = () => undefined): GroupResult {
  const { groupId, status, fold } = progress;
  const { totalCostUsd, totalTokens } = progress.getGroupStats();
  const reason = status === 'completed' || status === 'running' ? undefined : fold.reason;
  const sessions = progress.ids.map(id => [id, sessionResult(fold.sessions.get(id), leftOf(id))] as const);
  return {
    groupId,
    status,
    ...(reason === undefined ? {} : { reason }),
    sessions: Object.fromEntries(sessions),
    totalCostUsd,
    totalTokens,
    elapsedMs: Math.round(progress.elapsedMs),
  };
}

function sessionResult(session: SessionFold | undefined, left = session?.left): SessionResult {
  if (!session) return { status: 'pending', costUsd: 0, attempts: 0 };
  const { status, skipReason, error, ledger, attempts } = session;
  return {
    status,
    ...(skipReason === undefined ? {} : { reason: skipReason }),
    ...(status === 'failed' && error ? { error } : {}),
    costUsd: toUsd(ledger.settled),
    attempts,
    ...(status === 'completed' && left ? resultFields(left) : {}),
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

/** What keeps the records of a group from being written, where it has paused for it or some are not written. */
export function storeErrorOf({ status, state, recorder }: RunnerView): Pick<GroupResult, 'storeError'> {
  const { failure, held } = recorder;
  const pausedForIt = status === 'paused' && state.roster.reason === 'store_failed';
  if (!failure || !(pausedForIt || held.length > 0)) return {};
  const { code, message, hint } = failure;
  return { storeError: { code, message, ...(hint === undefined ? {} : { hint }) } };
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
