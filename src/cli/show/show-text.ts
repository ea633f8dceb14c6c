import type { CurrentGroup } from '../../control/current-group.ts';
import { counted, formatElapsed, formatTokens, formatUsd } from '../../sdk/format.ts';
import { given } from '../../sdk/given.ts';
import type { ByHand } from '../../sdk/group/delivery/by-hand.ts';
import { remoteAttempt } from '../../sdk/group/journal/session/remote-fold.ts';
import { waitsForDelivery } from '../../sdk/group/standing/deliverable.ts';
import { isRehearsal } from '../../sdk/group/standing/rehearsal.ts';
import { unmerged } from '../../sdk/group/standing/result.ts';
import { foldOf } from '../../sdk/group/standing/saved-group.ts';
import { unreadableWords } from '../../sdk/take-over-words.ts';
import { mergedBranch, shortName } from '../../sdk/workspace/names.ts';
import { standsStill } from '../../words/marks.ts';
import { formatSince, suspendedAdvice } from '../../words/wait-words.ts';
import { heldIn, nextStep, resumedIn } from '../advice.ts';
import { groupMark } from '../live/marks.ts';
import { type Look, painter } from '../terminal.ts';
import { cleanLine } from '../text.ts';
import { waitWords } from '../wait-words.ts';
import { sessionLines } from './session-lines.ts';

/** A group as text: its status and the reason, its owner and usage, and its sessions. */
export function renderShow(current: CurrentGroup, look: Look & { readonly now: number }): string {
  const { stored, progress, shown } = current;
  const { group } = stored;
  const paint = painter(look.color);
  const mark = groupMark(shown);
  const description = group.definition.description;
  const lines = [
    `${paint(mark.format, `${look.unicode ? mark.sign : mark.ascii} ${mark.word}${reason(current, look.now)}`)}  ${paint('bold', cleanLine(progress.name))}`,
    `  ${group.id}`,
    ...(description === undefined ? [] : [`  ${cleanLine(description)}`]),
    `  ${ownerWords(current, look.now)}`,
    `  ${moneyWords(current)}`,
    ...(group.sourceFile === undefined ? [] : [`  definition: ${cleanLine(group.sourceFile)}`]),
    ...workersWords(current),
    '',
    ...sessionLines(progress.sessions, {
      ...look,
      ...given({ columns: look.columns && look.columns - 2 }),
      group: shown,
      rehearsal: isRehearsal(group),
    }).map(line => `  ${line}`),
    ...inTheWay(current).map(line => `  ${cleanLine(line)}`),
  ];
  return `${lines.join('\n')}\n`;
}

/**
 * What to do next with a group at rest.
 * @param byHand what of its work needs no delivery any more. Default: nothing
 */
export async function stepAfter(
  { stored, progress, status }: CurrentGroup,
  byHand: ByHand = { merged: false, sessions: [] },
): Promise<string | undefined> {
  if (stored.ownerUnreadable !== undefined) return undefined;
  const { groupId, why, totalCostUsd, limitUsd } = progress;
  const paused = why?.kind === 'paused' && why.reason !== 'held' ? why.reason : undefined;
  const reason = why?.kind === 'budget' ? 'budget_exceeded' : paused;
  const wasStopping = progress.status === 'stopping';
  const own = { groupId, status, totalCostUsd, wasStopping, held: heldIn(progress.sessions) };
  const fold = foldOf(stored);
  const toDeliver = waitsForDelivery(fold) && !byHand.merged ? true : undefined;
  const sessions = Object.fromEntries(
    progress.sessions.map(one => {
      const isThere = byHand.sessions.includes(one.id);
      return [one.id, { ...one, ...(isThere ? {} : unmerged(fold.sessions.get(one.id))) }];
    }),
  );
  const resumed = await resumedIn(sessions, () => stored.records);
  const { into, pr } = stored.group.definition.config.integrate ?? {};
  const opensPullRequests = pr !== undefined;
  const hasMoved = Object.keys(fold.deliveries).length > 0;
  const rehearsal = isRehearsal(stored.group);
  const result = {
    ...own,
    rehearsal,
    sessions,
    ...given({ reason, toDeliver, resumed, into, hasMoved, opensPullRequests }),
  };
  return nextStep(result, limitUsd, progress.completed === progress.totalSessions);
}

function reason({ progress: { why }, shown }: CurrentGroup, now: number): string {
  if (why === undefined || standsStill(shown)) return '';
  const words = waitWords(why, now).replace(/^paused(: )?/, '');
  return words === '' || why.kind === 'not_started' ? '' : ` (${words})`;
}

/** Why the last delivery was refused, and where a conflict is resolved. */
function inTheWay({ stored, progress: { why } }: CurrentGroup): string[] {
  if (why?.kind !== 'paused' || (why.reason !== 'conflict' && why.reason !== 'delivery_refused')) return [];
  const { id } = stored.group;
  const begun = stored.records.findLastIndex(({ type }) => type === 'group_delivering');
  const since = begun === -1 ? [] : stored.records.slice(begun);
  const refused = since.flatMap(record => (record.type === 'delivery_refused' ? [record.message] : []));
  const conflicts = [...foldOf(stored).sessions].flatMap(([session, { status, tree }]) =>
    status === 'paused' && tree.conflict && tree.cwd !== undefined
      ? [`${session}: resolve it in ${tree.cwd}: git merge ${shortName(mergedBranch(id))}, then commit`]
      : [],
  );
  return [...refused, ...conflicts];
}

/** Agents of workers outlive the process that ran their group. */
function workersWords({ stored, status }: CurrentGroup): string[] {
  const { executor } = stored.group;
  if (executor === undefined) return [];
  const sessions = status === 'interrupted' ? [...foldOf(stored).sessions.values()] : [];
  const live = sessions.filter(session => remoteAttempt(session) !== undefined).length;
  const more =
    live === 0 ? '' : `; ${counted(live, 'session')} may be at work there, and a resume goes on with them`;
  return [`  sessions run on workers of the pool ${cleanLine(executor.pool)}${more}`];
}

function ownerWords({ stored, status, suspendedAt }: CurrentGroup, now: number): string {
  const { owner, ownerUnreadable } = stored;
  if (ownerUnreadable !== undefined) return cleanLine(unreadableWords(ownerUnreadable));
  if (owner?.suspended)
    return `in process ${owner.pid} on ${owner.host}, ${suspendedAdvice(owner.pid, suspendedAt, now)}`;
  if (owner?.alive === true)
    return `running in process ${owner.pid} on ${owner.host} since ${formatSince(Date.parse(owner.since), now)}`;
  return status === 'interrupted' ? 'the process that ran it has died' : 'not running';
}

function moneyWords({ progress, stored }: CurrentGroup): string {
  const { totalCostUsd, limitUsd, budgetUsedRatio = 0, totalTokens, elapsedMs } = progress;
  const estimated = progress.sessions.some(session => session.estimated);
  const limit =
    limitUsd === undefined ? '' : ` of ${formatUsd(limitUsd)} (${Math.floor(budgetUsedRatio * 100)}%)`;
  const figures = [`${formatTokens(totalTokens)} tokens`, formatElapsed(elapsedMs)];
  if (isRehearsal(stored.group)) return `rehearsal: no model is called, ${figures.join(', ')}`;
  return `${formatUsd(totalCostUsd, estimated)}${limit}, ${figures.join(', ')}`;
}
