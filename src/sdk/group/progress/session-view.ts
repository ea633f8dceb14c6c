import { shownProject } from '../config/resolve-session.ts';
import { toUsd } from '../cost/ledger.ts';
import { fanOutOf } from '../fan-out/members.ts';
import type { SessionFold } from '../journal/fold-session.ts';
import { remoteAttempt } from '../journal/session/remote-fold.ts';
import type { Row } from './counted.ts';
import type { SessionProgress, WaitReason } from './progress.ts';

/**
 * A session as it is shown. Its fields are assigned one by one: to spread optional ones into it would take ten times as long,
 * and a watched group makes one for each session that has changed, ten times a second.
 *
 * @param durationMs from its first attempt until it settled, or until now; undefined if it hasn't started.
 */
export function sessionView(
  definition: Row['definition'],
  session: Readonly<SessionFold>,
  why: WaitReason | undefined,
  durationMs: number | undefined,
): SessionProgress {
  const { project } = definition;
  const { status, skipReason, error, ledger, opened, remote, startedAt, tools } = session;
  const forEach = fanOutOf(definition);
  const tool = tools.at(-1);
  const view: { -readonly [K in keyof SessionProgress]: SessionProgress[K] } = {
    id: definition.id,
    projectPath: (project && session.tree.cwd) ?? shownProject(definition),
    status,
    costUsd: toUsd(ledger.settled),
    estimated: session.estimated,
    tokens: ledger.tokens,
    attempts: session.attempts,
    messageCount: session.messageCount,
  };
  if (project) view.project = project;
  if (forEach) view.forEach = forEach;
  if (ledger.guessed) view.guessedUsd = toUsd(ledger.guessed);
  if (opened) view.openedByHand = opened;
  const { worker, host } = (remote && remoteAttempt(session)) ?? {};
  if (worker !== undefined && host !== undefined) view.worksOn = { worker, host };
  if (skipReason !== undefined) view.skipReason = skipReason;
  if (status === 'failed' && error) view.error = error;
  if (tool) {
    const [, name, input] = tool;
    view.currentTool = name;
    if (input !== undefined) view.currentToolInput = input;
  }
  if (startedAt !== undefined) view.startedAt = startedAt;
  if (why) view.why = why;
  if (durationMs !== undefined) view.durationMs = durationMs;
  return view;
}
