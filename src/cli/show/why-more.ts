import { isLiveSession, isSettled } from '../../../machines/vocabulary.ts';
import type { SessionProgress } from '../../sdk/group/progress/progress.ts';
import { letGoCommand, resumeCommand, retryCommand } from '../../words/commands.ts';
import { errorWords } from '../../words/error-words.ts';
import { isPossible } from '../../words/possible.ts';
import { formatSince, isHeld, listOf, pauseWords, waitWords } from '../../words/wait-words.ts';
import { afterLettingGo } from '../advice.ts';
import type { CurrentSession } from '../groups/current-group.ts';
import { cleanLine } from '../text.ts';

/** Why a session was skipped, followed to its beginning. */
export interface SkipCause {
  /** The sessions behind it that were not skipped themselves: that have failed, say, or were stopped. Empty after a stop. */
  readonly roots: readonly SessionProgress[];
  /** Those between, which were skipped as well; the nearest first. */
  readonly through: readonly string[];
}

/** Undefined for a session that was not skipped. */
export function skipCause({ stored, session, progress }: CurrentSession): SkipCause | undefined {
  if (session.status !== 'skipped') return undefined;
  const because = new Map<string, readonly string[]>();
  for (const record of stored.records)
    if (record.type === 'session_skipped') because.set(record.sessionId, record.because);
  const sessions = new Map(progress.sessions.map(one => [one.id, one]));
  const ids = new Set([session.id]);
  // A set goes on over what is added to it meanwhile.
  for (const id of ids)
    if (sessions.get(id)?.status === 'skipped') for (const one of because.get(id) ?? []) ids.add(one);
  const behind = [...ids].slice(1).flatMap(id => sessions.get(id) ?? []);
  return {
    roots: behind.filter(({ status }) => status !== 'skipped'),
    through: behind.filter(({ status }) => status === 'skipped').map(({ id }) => id),
  };
}

/** What is behind the reason that `session why` prints, to go on with in its line, and the lines that say how to go on; sanitized. */
export interface WhyMore {
  readonly reasons: readonly string[];
  readonly advice: readonly string[];
}

/** @param now epoch milliseconds. */
export function whyMore(current: CurrentSession, now: number): WhyMore {
  const cause = skipCause(current);
  if (cause) return skipped(cause, current);
  return isHeld(current.session) ? held(current, now) : standing(current);
}

/** Of a session that would go on if its group did: why that does not. */
function standing({ stored, session, progress, status }: CurrentSession): WhyMore {
  if (isSettled(session.status)) return NOTHING;
  const goOn = `Go on: ${resumeCommand(stored.group.id)}`;
  if (status === 'interrupted' && stored.ownerUnreadable === undefined)
    return { reasons: ['the process that ran its group has died'], advice: [goOn] };
  const { why } = progress;
  if (status !== 'paused' || why === undefined) return NOTHING;
  const isSaid = session.why?.kind === why.kind;
  if (why.kind !== 'paused')
    return { reasons: isSaid ? [] : [cleanLine(`its group is paused (${waitWords(why, 0)})`)], advice: [] };
  const reason = pauseWords(why.reason);
  const reasons = isSaid ? (why.reason === 'manual' ? [reason] : []) : [`its group is paused (${reason})`];
  return { reasons, advice: [goOn] };
}

const NOTHING: WhyMore = { reasons: [], advice: [] };

function skipped({ roots, through }: SkipCause, { stored, session, status }: CurrentSession): WhyMore {
  const chain = through.length === 0 ? '' : `, by way of ${listOf(through)}`;
  const reasons = roots.map(({ id, status, error }) =>
    cleanLine(`because ${id} ${HOW[status] ?? status}${error ? ` (${errorWords(error)})` : ''}${chain}`),
  );
  if (session.skipReason === 'not_needed') return { reasons, advice: [] };
  const again = roots.length === 0 ? 'Run it' : `Run ${cleanLine(listOf(roots.map(({ id }) => id)))} and it`;
  const command = retryCommand(stored.group.id);
  const when = isPossible('retry', status) ? '' : ', once the group has settled or is paused';
  return { reasons, advice: [`${again} again${when}: ${command}`] };
}

/** What became of the session behind a skip. */
const HOW: Readonly<Partial<Record<SessionProgress['status'], string>>> = {
  failed: 'failed',
  stopped: 'was stopped',
  completed: 'was completed',
};

function held({ stored, session, progress, status }: CurrentSession, now: number): WhyMore {
  const { id } = stored.group;
  const { sessions, config } = stored.group.definition;
  const paused = stored.records.findLast(
    record => record.type === 'session_paused' && record.sessionId === session.id,
  );
  const since =
    session.status === 'paused' && paused && 'time' in paused
      ? [`since ${formatSince(Date.parse(paused.time), now)}`]
      : [];
  const settled = new Set(progress.sessions.filter(one => isSettled(one.status)).map(one => one.id));
  const isNew = session.status === 'pending' && session.attempts === 0;
  const awaited = isNew ? (sessions.find(one => one.id === session.id)?.dependsOn ?? []) : [];
  const open = awaited.map(edge => edge.session).filter(one => !settled.has(one));
  const live = progress.sessions.filter(one => isLiveSession(one.status)).length;
  const { maxConcurrent } = config.concurrency;
  const slots = status === 'running' && open.length === 0 && live >= maxConcurrent;
  const then = afterLettingGo(id, status);
  return {
    reasons: [
      ...since,
      ...(open.length > 0 ? [cleanLine(`it also waits for ${listOf(open)}`)] : []),
      ...(slots ? [`it also waits for a slot (${live} of ${maxConcurrent} busy)`] : []),
    ],
    advice: [`Let it go: ${cleanLine(letGoCommand(id, session.id))}`, ...(then === undefined ? [] : [then])],
  };
}
