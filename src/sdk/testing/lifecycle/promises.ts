import { isLiveGroup, isSettled, isWorking } from '../../../../machines/vocabulary.ts';
import type { GroupProgress, SessionProgress } from '../../group/progress/progress.ts';
import type { AttemptSpec } from '../../session/agent.ts';
import type { AttemptWatch } from './attempt-watch.ts';
import { mayBeCompleted, Oracle, type Settlement } from './oracle.ts';
import type { LifecycleInput } from './types.ts';

/**
 * What a group promises, judged by the definition, by what its agents do, and by what it shows; never by the engine's
 * state or the model's. Each returns what is broken, or nothing.
 */

type Group = Pick<LifecycleInput, 'sessions' | 'maxConcurrent' | 'maxPerProject' | 'onBudgetExceeded'>;

/** Tolerates the rounding of sums of micro-dollars. */
const ROUNDING_USD = 1e-6;

/** At the moment when an attempt starts: I2, I3, I4, I6, I9. */
export function brokenByStart(
  { sessions, maxConcurrent, maxPerProject, onBudgetExceeded }: Group,
  watch: AttemptWatch,
  { sessionId: id }: AttemptSpec,
  progress: GroupProgress,
): string | undefined {
  const { limitUsd, status, totalCostUsd } = progress;
  const spentUsd = watch.spentUsd ?? totalCostUsd;
  if (status !== 'running') return `I6: an attempt starts in a group that is ${status}`;
  if (progress.sessions.some(one => one.id === id && isSettled(one.status))) {
    return 'I4: an attempt of a settled session starts';
  }
  if (watch.live.size >= maxConcurrent) return `I3: more than ${maxConcurrent} attempts are live`;
  const projectOf = (of: string) => sessions.find(session => session.id === of)?.project;
  const inProject = [...watch.live.keys()].filter(other => projectOf(other) === projectOf(id));
  if (inProject.length >= maxPerProject)
    return `I3: ${[...inProject, id].join(' and ')} are live in one project`;
  if (onBudgetExceeded !== 'warn' && limitUsd !== undefined && spentUsd >= limitUsd - ROUNDING_USD) {
    return `I9: an attempt starts with ${spentUsd} of ${limitUsd} USD spent`;
  }
  // One that goes on does so whatever has become of what it waited for; one that was just added waits for nothing.
  if (watch.started.includes(id) || !sessions.some(session => session.id === id)) return undefined;
  const oracle = new Oracle(sessions);
  const trigger = oracle.trigger(id, settledIn(progress.sessions));
  return trigger === 'start' ? undefined : 'I2: an attempt starts before its dependencies allow it';
}

/** At each moment in which nothing moves. */
export function* brokenAtRest(
  { sessions, onBudgetExceeded }: Group,
  watch: AttemptWatch,
  progress: GroupProgress,
): Generator<string> {
  yield* watch.broken;
  const { status, limitUsd, totalCostUsd } = progress;
  const { spentUsd = totalCostUsd } = watch;
  if (!isLiveGroup(status) && watch.live.size > 0) {
    yield `I7: ${[...watch.live.keys()].join(' and ')} live in a group that is ${status}`;
  }
  const settled = settledIn(progress.sessions);
  if (status === 'completed' && !mayBeCompleted(sessions, settled)) {
    yield `I5: completed, although ${notGood(progress.sessions)}`;
  }
  if (Math.abs(totalCostUsd - spentUsd) > ROUNDING_USD) {
    yield `I8: the group's cost is ${totalCostUsd} USD; its agents have spent ${spentUsd}`;
  }
  const isSpent = limitUsd !== undefined && spentUsd >= limitUsd - ROUNDING_USD;
  if (status === 'running' && isSpent && onBudgetExceeded !== 'warn' && watch.live.size > 0) {
    yield `I9: agents work on with ${spentUsd} of ${limitUsd} USD spent`;
  }
  for (const session of progress.sessions) {
    if (isSettled(session.status) && watch.live.has(session.id)) {
      yield `I7: ${session.id} is ${session.status}, and its attempt is live`;
    }
    if (isSettled(session.status) || isWorking(session.status) || session.why) continue;
    yield `I13: ${session.id} is ${session.status}, and nothing says why`;
  }
}

const notGood = (sessions: readonly SessionProgress[]): string =>
  sessions
    .filter(({ status }) => status !== 'completed')
    .map(({ id, status }) => `${id} is ${status}`)
    .join(', ');

function settledIn(sessions: readonly SessionProgress[]): Map<string, Settlement> {
  const settled = new Map<string, Settlement>();
  for (const { id, status, skipReason } of sessions) {
    if (isSettled(status)) settled.set(id, { outcome: status, reason: skipReason });
  }
  return settled;
}
