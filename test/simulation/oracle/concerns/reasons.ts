import type { Picture, Pid } from '../../history.ts';
import { type Court, listOf } from '../concern.ts';
import { isSurelyHeld, type SessionTruth } from '../truth/session-truth.ts';

/** Promise 4 and I13: for what a session waits, read from the words that a view shows. */
export type Reason =
  | {
      readonly kind: 'dependency';
      readonly sessions: readonly string[];
      /** Those of them that it waits for to fail. */
      readonly toFail: readonly string[];
      readonly more: boolean;
    }
  | { readonly kind: 'slot' | 'start'; readonly live: number; readonly of: number }
  | { readonly kind: 'project'; readonly sessions: readonly string[]; readonly more: boolean }
  | { readonly kind: 'budget' | 'quota' | 'approval' | 'not_started' }
  | { readonly kind: 'merge'; readonly session: string; readonly repository: string }
  | { readonly kind: 'conflict'; readonly authors: Listed; readonly files: Listed }
  | { readonly kind: 'retry'; readonly code: string }
  | { readonly kind: 'paused'; readonly held: boolean };

/** Undefined: the words are none that the product shows. */
export function reasonOf(words: string | undefined): Reason | undefined {
  if (words === undefined) return undefined;
  const slot = /^waiting for a slot \((\d+) of (\d+) busy\)$/.exec(words);
  if (slot) return { kind: 'slot', live: Number(slot[1]), of: Number(slot[2]) };
  const start = /^waiting to start \((\d+) of (\d+) slots busy\)$/.exec(words);
  if (start) return { kind: 'start', live: Number(start[1]), of: Number(start[2]) };
  const merge = /^waiting for the merge of (.+) in (.*)$/.exec(words);
  if (merge) return { kind: 'merge', session: merge[1] ?? '', repository: merge[2] ?? '' };
  if (words.startsWith('waiting for ')) return dependencyOf(words.slice('waiting for '.length));
  if (words === 'project busy: held by another group') return { kind: 'project', sessions: [], more: true };
  if (words.startsWith('project busy: ')) {
    const { sessions, more } = listed(words.slice('project busy: '.length));
    const own = sessions.filter(one => !one.includes(' of ')); // the others are named with their group
    return { kind: 'project', sessions: own, more: more || own.length < sessions.length };
  }
  if (/^limit (of the rehearsal )?reached: /.test(words)) return { kind: 'budget' };
  if (words.startsWith('usage limit until ')) return { kind: 'quota' };
  const retry = /^retry \d+ in [^:]+: (.+)$/.exec(words);
  if (retry) return { kind: 'retry', code: (retry[1] ?? '').replaceAll(' ', '_') };
  if (words.startsWith('needs approval: ')) return { kind: 'approval' };
  const conflict = /^conflict(?: with (.+))? in (.+)$/.exec(words);
  if (conflict)
    return { kind: 'conflict', authors: listed(conflict[1] ?? ''), files: listed(conflict[2] ?? '') };
  if (words === 'not started') return { kind: 'not_started' };
  if (words.startsWith('paused')) return { kind: 'paused', held: false };
  if (words.startsWith('held')) return { kind: 'paused', held: true };
  return undefined;
}

/** `a, b, and for c to fail`. */
function dependencyOf(words: string): Reason {
  const parts = words.split(', and for ');
  const failing = words.endsWith(' to fail') ? (parts.pop() ?? '').slice(0, -' to fail'.length) : '';
  const [others, toFail] = [listed(parts.join(', and for ')), listed(failing)];
  return {
    kind: 'dependency',
    sessions: [...others.sessions, ...toFail.sessions],
    toFail: toFail.sessions,
    more: others.more || toFail.more,
  };
}

/** What words name: sessions, or files. */
interface Listed {
  readonly sessions: readonly string[];
  readonly more: boolean;
}

function listed(words: string): Listed {
  const all = / and \d+ more$/.exec(words);
  const ids = all ? words.slice(0, all.index) : words;
  return { sessions: ids === '' ? [] : ids.split(', '), more: all !== null };
}

const isListed = ({ sessions, more }: Listed, all: readonly string[]): boolean =>
  more ? sessions.every(one => all.includes(one)) : sessions.join() === all.join();

/**
 * What speaks against the reason that is given for a session's wait; undefined if it is true.
 * @param of the process that shows it; `isOwners`: as the owner.
 */
export function trueReason(
  court: Court,
  session: SessionTruth,
  reason: Reason,
  picture: Picture,
  { pid, isOwners }: { readonly pid: Pid; readonly isOwners: boolean },
): string | undefined {
  const { truth } = court;
  const { graph, definition } = truth;
  const isHeld = !session.inPlay && isSurelyHeld(session, true) && session.heldIn !== court.step;
  if (isHeld && !(reason.kind === 'paused' && reason.held)) return 'a person holds it';
  const shown = (id: string): string => picture.sessions.find(one => one.id === id)?.status ?? '';
  switch (reason.kind) {
    case 'dependency': {
      if (!definition.respectDependencies) return 'dependencies do not count';
      if (session.inPlay) return 'it is in play';
      const open = graph.open(session.id, truth.ends);
      const wrong = reason.sessions.find(id => !open.includes(id));
      if (wrong !== undefined) return `${wrong} is not what it waits for`;
      const edges = graph.session(session.id)?.dependsOn ?? [];
      const misread = reason.sessions.find(
        id =>
          reason.toFail.includes(id) !== edges.some(edge => edge.session === id && edge.when === 'failed'),
      );
      if (misread !== undefined) return `it does not wait for ${misread} in that way`;
      if (!reason.more && reason.sessions.length < open.length) return `it waits for ${open.join()}`;
      if (graph.trigger(session.id, truth.ends) !== 'wait') return 'its dependencies are decided';
      return undefined;
    }
    case 'start':
    case 'slot': {
      const live = picture.sessions.filter(({ status }) => HOLDING.has(status)).length;
      if (reason.kind === 'slot' && live < definition.maxConcurrent && takenByAll(court, pid, live, reason))
        return undefined;
      if (reason.of !== definition.maxConcurrent) return `there are ${definition.maxConcurrent} slots`;
      if (reason.live !== live) return `${live} are busy`;
      // Whoever reads the journal does not know what its owner prepares (ASSUMPTIONS.aboutToStart).
      if (reason.kind === 'start') return isOwners ? 'its owner would start it' : undefined;
      return live < definition.maxConcurrent ? 'a slot is free' : undefined;
    }
    case 'project': {
      const project = graph.session(session.id)?.project;
      for (const id of reason.sessions) {
        if (graph.session(id)?.project !== project) return `${id} is in another project`;
        if (!HOLDING.has(shown(id))) return `${id} is ${shown(id)}`;
      }
      return undefined;
    }
    case 'budget':
      return truth.limit !== undefined && truth.total >= truth.limit ? undefined : 'the limit is not reached';
    case 'quota':
      return truth.gates.size > 0 ? undefined : 'no usage limit was met';
    case 'retry':
      if (session.retry === undefined) return 'it has not failed';
      return session.retry.code === reason.code ? undefined : `it failed with ${session.retry.code}`;
    case 'approval':
      return session.request === undefined ? 'it has not asked for a permission' : undefined;
    case 'merge': {
      const own = graph.session(session.id)?.repository;
      if (reason.session === session.id) return 'that is itself';
      if (graph.session(reason.session)?.repository !== own)
        return `${reason.session} is in another repository`;
      if (reason.repository !== own) return `its repository is ${own}`;
      if (!HOLDING.has(shown(reason.session))) return `${reason.session} is ${shown(reason.session)}`;
      const ahead = picture.sessions.find(({ id }) => id === reason.session);
      return ahead?.why === undefined ? undefined : `${reason.session} waits itself`;
    }
    case 'conflict': {
      const met = court.journal.events.findLast(
        ({ type, sessionId }) => type === 'session_conflict' && sessionId === session.id,
      );
      if (met === undefined) return 'it has met no conflict';
      const isMet = isListed(reason.authors, listOf(met.with)) && isListed(reason.files, listOf(met.files));
      return isMet ? undefined : `it is with ${listOf(met.with)} in ${listOf(met.files)}`;
    }
    case 'not_started':
      return truth.status === 'created' ? undefined : `the group is ${truth.status}`;
    case 'paused':
      if (session.disputed.size > 0) return undefined;
      if (reason.held) return session.held || court.ownerless ? undefined : 'nobody holds it';
      if (session.held) return undefined;
      return truth.status === 'running' && !court.ownerless ? 'its group is running' : undefined;
  }
}

/** What all groups of the process's manager hold is what they share. */
function takenByAll(
  { neighbours }: Court,
  pid: Pid,
  own: number,
  { live, of }: { readonly live: number; readonly of: number },
): boolean {
  return of === neighbours.slots.get(pid) && live === own + (neighbours.shown.get(pid)?.holding ?? 0);
}

const HOLDING = new Set([
  ...['preparing', 'running', 'awaiting_approval', 'interrupting'],
  ...['saving', 'verifying', 'integrating'],
]);
