import type { StateValue } from 'xstate';
import { isSettled, type SessionStatus, type SkipReason } from '../../../../machines/vocabulary.ts';
import { DEFAULT_ESTIMATE_MS } from '../../group/dependency-graph.ts';
import { Oracle, type Settled } from './oracle.ts';
import type { LifecycleContext, Standing } from './types.ts';

/** What happens to the model's sessions: functions from a context to the next. */

type Context = LifecycleContext;

/** The innermost state of a chart without parallel ones. */
export const leafOf = (value: StateValue): string =>
  typeof value === 'string' ? value : leafOf(Object.values(value)[0] ?? '');

export const statusOf = ({ standing }: Context, id: string): SessionStatus =>
  standing[id]?.status ?? 'pending';

export const idsWith = (context: Context, ...statuses: readonly SessionStatus[]): string[] =>
  context.sessions.flatMap(({ id }) => (statuses.includes(statusOf(context, id)) ? id : []));

/** Whose attempts are live. */
export const liveIn = (context: Context): string[] =>
  idsWith(context, 'running', 'awaiting_approval').filter(id => !context.lost.includes(id));

/** In play without an attempt. */
const parkedIn = (context: Context): string[] => {
  const live = liveIn(context);
  return context.inPlay.filter(id => !live.includes(id));
};
/** Those that have never started, or have been opened again. */
const freshIn = (context: Context): string[] =>
  idsWith(context, 'pending').filter(id => !context.inPlay.includes(id));

/** Of those, who may be held, and who is. */
export const heldIn = (context: Context): string[] =>
  freshIn(context).filter(id => context.held.includes(id));
export const holdableIn = (context: Context): string[] =>
  freshIn(context).filter(id => !context.held.includes(id));

const without = (ids: readonly string[], left: readonly string[]) => ids.filter(id => !left.includes(id));
const withAll = (ids: readonly string[], more: readonly string[]) => [...ids, ...without(more, ids)];

function show(context: Context, ids: readonly string[], shown: Standing): Context {
  return { ...context, standing: { ...context.standing, ...Object.fromEntries(ids.map(id => [id, shown])) } };
}

function leave(context: Context, ids: readonly string[]): Context {
  const { inPlay, turns, lost } = context;
  return { ...context, inPlay: without(inPlay, ids), turns: without(turns, ids), lost: without(lost, ids) };
}

export function settledIn(context: Context): Settled {
  const settled = new Map();
  for (const { id } of context.sessions) {
    const { status, skipReason } = context.standing[id] ?? { status: 'pending' };
    if (isSettled(status)) settled.set(id, { outcome: status, reason: skipReason });
  }
  return settled;
}

/** Judges who waits for these, and for what is skipped by that; first come, first judged. */
function judged(given: Context, upstreams: readonly string[]): Context {
  let context = given;
  const oracle = new Oracle(context.sessions);
  const queue: string[] = [];
  const count = (upstream: string) => {
    const settled = settledIn(context);
    const fresh = freshIn(context).filter(id => !queue.includes(id));
    const dependents = oracle.dependents(upstream).filter(id => fresh.includes(id));
    queue.push(...dependents.filter(id => oracle.trigger(id, settled) !== 'wait'));
  };
  upstreams.forEach(count);
  for (let at = 0; at < queue.length; at++) {
    const id = queue[at] ?? '';
    const settled = settledIn(context);
    if (oracle.trigger(id, settled) !== 'skip') continue;
    const skipReason = oracle.reason(oracle.violated(id, settled), settled);
    context = show(context, [id], { status: 'skipped', skipReason });
    count(id);
  }
  return context;
}

/** The session has ended. */
export function settled(context: Context, id: string, outcome: 'completed' | 'failed' | 'stopped'): Context {
  const forgiven = context.sessions.find(session => session.id === id)?.allowFailure;
  return judged(
    {
      ...leave(show(context, [id], { status: outcome }), [id]),
      errors: context.errors + (outcome === 'failed' && !forgiven ? 1 : 0),
      delivered: context.delivered && outcome !== 'completed',
    },
    [id],
  );
}

/** The session has no attempt any more, and goes on later. */
export const parked = (context: Context, id: string, status: SessionStatus): Context =>
  show(context, [id], { status });

/** These wait for a slot again. */
export const requeued = (context: Context, ids: readonly string[]): Context => ({
  ...show(context, ids, { status: 'pending' }),
  turns: withAll(context.turns, ids),
  lost: without(context.lost, ids),
});

/** Everything in play that has no attempt wants to go on. */
export const resumed = (context: Context): Context => requeued(context, parkedIn(context));

/** Everything in play that has no attempt is paused. */
export const paused = (context: Context): Context => ({
  ...show(context, parkedIn(context), { status: 'paused' }),
  lost: [],
});

/** What has not started is skipped, and what has no attempt is stopped. */
export function stopped(context: Context): Context {
  const [fresh, parkedIds] = [freshIn(context), parkedIn(context)];
  const skipped = show(context, fresh, { status: 'skipped', skipReason: 'group_stopped' });
  return leave(show(skipped, parkedIds, { status: 'stopped' }), parkedIds);
}

/** What a retry runs again. */
export const retryableIn = (context: Context): string[] => {
  const again = idsWith(context, 'failed', 'stopped', 'skipped');
  return again.filter(id => context.standing[id]?.skipReason !== ('not_needed' satisfies SkipReason));
};

export function reopened(context: Context): Context {
  const ids = retryableIn(context);
  const again = { ...show(context, ids, { status: 'pending' }), held: without(context.held, ids) };
  return judged(again, [...settledIn(again).keys()]);
}

/** With the engine all attempts die. */
export const died = (context: Context): Context => ({ ...context, lost: liveIn(context), died: true });

/** Whether every session has ended so that the group may be completed. */
export const isOverBudget = ({ money, onBudgetExceeded }: Context): boolean =>
  money === 'exceeded' && onBudgetExceeded !== 'warn';

/** Who gets the next free slot; `first`: which of those that continue do so first. */
export function nextToStart(context: Context, first: readonly string[] = []): string | undefined {
  const live = liveIn(context);
  if (live.length >= context.maxConcurrent || isOverBudget(context)) return undefined;
  const oracle = new Oracle(context.sessions);
  const settled = settledIn(context);
  const back = context.turns.filter(id => statusOf(context, id) === 'pending');
  const fresh = holdableIn(context).filter(id => oracle.trigger(id, settled) === 'start');
  const order = oracle.order(
    [...back, ...fresh],
    withAll(
      first.filter(id => back.includes(id)),
      back,
    ),
    DEFAULT_ESTIMATE_MS,
  );
  const sessionOf = (id: string) => context.sessions.find(session => session.id === id);
  const liveIds = new Set(live);
  return order.find(id => {
    const { project, account } = sessionOf(id) ?? {};
    const inProject = [...liveIds].filter(other => sessionOf(other)?.project === project).length;
    const isOpen = account === undefined || context.limited?.account !== account;
    return inProject < context.maxPerProject && isOpen;
  });
}

/** Nothing can start or go on but what is held, and what waits for that. */
export function onlyHeldLeft(context: Context): boolean {
  const [oracle, settled] = [new Oracle(context.sessions), settledIn(context)];
  if (context.inPlay.length > 0 || settled.size === context.sessions.length) return false;
  return holdableIn(context).every(id => oracle.trigger(id, settled) !== 'start');
}

/** Every free slot is given away. */
export function admitted(given: Context, first?: readonly string[]): Context {
  let context = given;
  for (let id = nextToStart(context, first); id !== undefined; id = nextToStart(context, first)) {
    context = {
      ...show(context, [id], { status: 'running' }),
      inPlay: withAll(context.inPlay, [id]),
      turns: without(context.turns, [id]),
    };
  }
  return context;
}
