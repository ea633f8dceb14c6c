import { endedBadly, isLiveSession, isSettled } from '../../../machines/vocabulary.ts';
import { given } from '../../sdk/given.ts';
import { isRehearsal } from '../../sdk/group/standing/rehearsal.ts';
import { type SkipCause, skipCause } from '../../sdk/group/standing/skip-cause.ts';
import { dependencyWait } from '../../sdk/group/standing/why.ts';
import { letGoCommand, resumeCommand, retryCommand } from '../../words/commands.ts';
import { isPossible } from '../../words/possible.ts';
import { skipWords } from '../../words/session-words.ts';
import {
  dependencyWords,
  formatSince,
  isHeld,
  listOf,
  pausedWords,
  waitWords,
} from '../../words/wait-words.ts';
import { afterLettingGo, MOST_NAMED, resumedIn, retryOfSession } from '../advice.ts';
import type { CurrentSession } from '../groups/current-group.ts';
import { cleanLine } from '../text.ts';

/** What is behind the reason that `session why` prints, to go on with in its line, and the lines that say how to go on; sanitized. */
export interface WhyMore {
  readonly reasons: readonly string[];
  readonly advice: readonly string[];
}

/** @param now epoch milliseconds. */
export async function whyMore(current: CurrentSession, now: number): Promise<WhyMore> {
  const cause = skipCause(current.session, current.stored, current.progress);
  if (cause) return skipped(cause, current);
  return isHeld(current.session) ? held(current, now) : await standing(current);
}

/** Of a session that would go on if its group did: why that does not. Of one that has failed, what runs it again. */
async function standing({ stored, session, progress, status }: CurrentSession): Promise<WhyMore> {
  if (isSettled(session.status)) {
    const { id } = session;
    const resumed = await resumedIn({ [id]: session }, () => stored.records);
    const how = { status, ...given({ resumed }), rehearsal: isRehearsal(stored.group) };
    const again = retryOfSession(stored.group.id, id, session, how);
    return again === undefined ? NOTHING : { reasons: [], advice: [cleanLine(again)] };
  }
  const goOn = `Go on: ${resumeCommand(stored.group.id)}`;
  if (status === 'interrupted' && stored.ownerUnreadable === undefined)
    return { reasons: ['the process that ran its group has died'], advice: [goOn] };
  const { why } = progress;
  if (status !== 'paused' || why === undefined) return NOTHING;
  const isSaid = session.why?.kind === why.kind;
  if (why.kind !== 'paused')
    return { reasons: isSaid ? [] : [cleanLine(`its group is paused (${waitWords(why, 0)})`)], advice: [] };
  const reason = pausedWords(why);
  const reasons = isSaid ? (why.reason === 'manual' ? [reason] : []) : [`its group is paused (${reason})`];
  return { reasons, advice: [goOn] };
}

const NOTHING: WhyMore = { reasons: [], advice: [] };

function skipped(cause: SkipCause, { stored, session, status }: CurrentSession): WhyMore {
  const { roots } = cause;
  const reasons = [skipWords(cause)].filter(words => words !== '').map(cleanLine);
  if (session.skipReason === 'not_needed') return { reasons, advice: [] };
  const again =
    roots.length === 0
      ? 'Run it'
      : `Run ${cleanLine(listOf(roots.map(({ sessionId }) => sessionId)))} and it`;
  // What succeeded is not run again; where too many are to be named, all are.
  const bad = roots.filter(one => endedBadly(one.status));
  const named = bad.length > MOST_NAMED ? [] : bad.map(({ sessionId }) => sessionId);
  const command = cleanLine(retryCommand(stored.group.id, named));
  const when = isPossible('retry', status) ? '' : ', once the group has settled or is paused';
  return { reasons, advice: [`${again} again${when}: ${command}`] };
}

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
  const open = dependencyWait(awaited.filter(edge => !settled.has(edge.session)));
  const live = progress.sessions.filter(one => isLiveSession(one.status)).length;
  const { maxConcurrent } = config.concurrency;
  const slots = status === 'running' && open.sessions.length === 0 && live >= maxConcurrent;
  const then = afterLettingGo(id, status);
  return {
    reasons: [
      ...since,
      ...(open.sessions.length > 0 ? [cleanLine(`it also waits for ${dependencyWords(open)}`)] : []),
      ...(slots ? [`it also waits for a slot (${live} of ${maxConcurrent} busy)`] : []),
    ],
    advice: [`Let it go: ${cleanLine(letGoCommand(id, session.id))}`, ...(then === undefined ? [] : [then])],
  };
}
