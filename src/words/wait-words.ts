import { PLAN_TOOL } from '../../machines/vocabulary.ts';
import { formatClock, formatDay, formatDuration, formatUntil, formatUsd } from '../sdk/format.ts';
import type { OtherHolder, SessionProgress, WaitReason, WorkPlace } from '../sdk/group/progress/progress.ts';
import { questionsIn } from '../sdk/session/reports/questions.ts';
import { originWords } from './origin-words.ts';

/** Why a session or a group is waiting, in words. Names are raw: not sanitized for a terminal. */
export function waitWords(why: WaitReason, now: number): string {
  switch (why.kind) {
    case 'dependency':
      return `waiting for ${dependencyWords(why)}`;
    case 'slot':
      // With slots left, it is about to start, or waits for something that only the group's owner knows.
      return why.live < why.maxConcurrent
        ? `waiting to start (${why.live} of ${why.maxConcurrent} slots busy)`
        : `waiting for a slot (${why.live} of ${why.maxConcurrent} busy)`;
    case 'project':
      return `project busy: ${projectWords(why, now)}`;
    case 'budget':
      return `limit ${why.rehearsal ? 'of the rehearsal ' : ''}reached: ${formatUsd(why.usageUsd)} of ${formatUsd(why.limitUsd)}`;
    case 'quota':
      return `usage limit until ${formatClock(why.until)} (in ${formatUntil(why.until, now)})`;
    case 'retry':
      return `retry ${why.attempt} in ${formatUntil(why.until, now)}: ${why.code.replaceAll('_', ' ')}`;
    case 'merge':
      return `waiting for the merge of ${why.session} in ${baseOf(why.project)}`;
    case 'placement':
      return placementWords(why);
    case 'worker_lost':
      return `no word of its worker: goes on elsewhere in ${formatUntil(why.until, now)}`;
    case 'conflict':
      return `conflict${why.with.length > 0 ? ` with ${listOf(why.with)}` : ''} in ${listOf(why.files)}`;
    case 'approval':
      return approvalWords(why);
    case 'paused':
      if (why.reason === 'held') return why.by === undefined ? 'held' : `held ${originWords(why.by)}`;
      return why.reason === 'manual' ? 'paused' : `paused: ${pausedWords(why)}`;
    case 'not_started':
      return 'not started';
  }
}

/** `a, b`, or where a failure is awaited, `a, and for b to fail`. */
export function dependencyWords({
  sessions,
  toFail = [],
}: Extract<WaitReason, { kind: 'dependency' }>): string {
  const failing = new Set(toFail);
  const others = sessions.filter(id => !failing.has(id));
  return [
    ...(others.length > 0 ? [listOf(others)] : []),
    ...(toFail.length > 0 ? [`${listOf(toFail)} to fail`] : []),
  ].join(', and for ');
}

/** Where an attempt is carried out, in words. */
export const placeWords = ({ worker, host }: WorkPlace): string => `${host}, by ${worker}`;

function placementWords({
  workers,
  ahead = 0,
  pool,
  trees,
}: Extract<WaitReason, { kind: 'placement' }>): string {
  const of = pool === undefined ? '' : ` of pool ${pool}`;
  if (workers === 0)
    return `waiting for a worker${of}: there is none${trees ? ' that takes sessions with trees' : ''}`;
  const free = workers === undefined ? '' : 'free ';
  return `waiting for a ${free}worker${of}${ahead > 0 ? ` (${ahead} ahead)` : ''}`;
}

function projectWords(
  { heldBy, others = [] }: Extract<WaitReason, { kind: 'project' }>,
  now: number,
): string {
  const holders = [...heldBy, ...others.map(other => otherWords(other, now))];
  return holders.length > 0 ? listOf(holders) : 'held by another group';
}

/** `web of GROUP (waits for your approval)`, `web of GROUP (works since 10:02)`. */
export function otherWords({ groupId, sessionId, since, waitsFor }: OtherHolder, now: number): string {
  const who = `${sessionId} of ${groupId}`;
  if (waitsFor === 'approval') return `${who} (waits for your approval)`;
  if (since === undefined) return who;
  const elapsed = now - since;
  return `${who} (works ${elapsed < DAY_MS ? `since ${formatClock(since)}` : `for ${formatDuration(elapsed)}`})`;
}

const DAY_MS = 86_400_000;

function approvalWords({ tool, input }: Extract<WaitReason, { kind: 'approval' }>): string {
  const [first] = questionsIn(tool, input);
  if (first !== undefined) return `asks: ${first.question}`;
  return tool === PLAN_TOOL ? PLAN_WORDS : `needs approval: ${tool}`;
}

/** What an agent that plans first waits for. */
export const PLAN_WORDS = 'wants its plan approved';

/** Whether somebody holds it, whatever its status. */
export const isHeld = ({ why }: { readonly why?: WaitReason | undefined }): boolean =>
  why?.kind === 'paused' && why.reason === 'held';

/** Whether the reason also applies while no process runs the group. */
export const lasts = (why: WaitReason): boolean =>
  why.kind === 'dependency' || why.kind === 'conflict' || isHeld({ why });

/** A session whose group stands still: without a reason to wait that only holds while it runs, and without a tool. */
export function stillSession(session: SessionProgress): SessionProgress {
  const { why, currentTool: _tool, currentToolInput: _input, ...rest } = session;
  return { ...rest, ...(why !== undefined && lasts(why) ? { why } : {}) };
}

/** `suspended since 14:05`. @param since ISO 8601; undefined where that is not known. */
export const suspendedSince = (since: string | undefined, now: number): string =>
  since === undefined ? 'suspended' : `suspended since ${formatSince(Date.parse(since), now)}`;

/** That the process of a group is suspended, and how it goes on there. */
export const suspendedWords = (since: string | undefined, now: number): string =>
  `${suspendedSince(since, now)}: it goes on with \`fg\` in its terminal`;

/** The same, with what does it from anywhere. */
export const suspendedAdvice = (pid: number, since: string | undefined, now: number): string =>
  `${suspendedWords(since, now)}, or with: ${continueCommand(pid)}`;

export const continueCommand = (pid: number): string => `kill -CONT ${pid}`;

/** `14:05`; with the day, if that was a day ago or longer. */
export const formatSince = (at: number, now: number): string =>
  now - at < DAY_MS ? formatClock(at) : `${formatDay(at)} ${formatClock(at)}`;

const PAUSE_WORDS: Readonly<Record<string, string>> = {
  manual: 'on request',
  budget_exceeded: 'the budget is used up',
  error_threshold: 'too many failures',
  quota: 'the usage limit resets too late',
  agent_unavailable: 'the agent is unavailable',
  conflict: 'a conflict has to be resolved',
  delivery_refused: 'the delivery was refused',
  sessions_paused: 'only held sessions remain',
  store_failed: 'its journal cannot be written',
  shutdown: 'shut down',
};

/** Why a group is paused, as it is now: since it was, its sessions may have been let go. */
export const pausedWords = ({ reason, letGo }: Pick<Paused, 'reason' | 'letGo'>): string =>
  letGo ? LET_GO : pauseWords(reason);

type Paused = Extract<WaitReason, { readonly kind: 'paused' }>;
const LET_GO = 'no session is held any more';

/** The reason from an event or a result in words; an unknown one as it is. */
export function pauseWords(reason: string): string {
  return PAUSE_WORDS[reason] ?? reason.replaceAll('_', ' ');
}

const baseOf = (path: string): string => path.split(/[\\/]/).at(-1) || path;

/** At most so many of them, and how many more there are. */
export function listOf(ids: readonly string[], most = 3): string {
  const shown = ids.slice(0, most).join(', ');
  return ids.length > most ? `${shown} and ${ids.length - most} more` : shown;
}
