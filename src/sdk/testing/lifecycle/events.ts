import type { StateValue } from 'xstate';
import { heldIn, holdableIn, leafOf, liveIn, settledIn, statusOf } from './sessions.ts';
import type { LifecycleContext, LifecycleStep } from './types.ts';

/** At what the engine died, if the group waits for somebody to take it over. */
const interruptedAt = (value: StateValue): StateValue | undefined =>
  typeof value === 'object' ? value.interrupted : undefined;

/** A state of the model. */
export interface State {
  readonly value: StateValue;
  readonly context: LifecycleContext;
}

/** Whether the model knows it as something that can happen now. */
export function isPossible(state: State, step: LifecycleStep): boolean {
  const key = JSON.stringify(step);
  return lifecycleEvents(state).some(one => JSON.stringify(one) === key);
}

/** The events that can occur in this state, including requests, which can come at any time. */
export function lifecycleEvents(snapshot: State): LifecycleStep[] {
  const { context } = snapshot;
  const isActive = typeof snapshot.value === 'object' && 'active' in snapshot.value;
  const value = isActive ? snapshot.value.active : undefined;
  const isRunning = value === 'running';
  const interrupted = interruptedAt(snapshot.value);
  const events: LifecycleStep[] = [
    { type: 'run' },
    { type: 'pause' },
    { type: 'resume' },
    { type: 'stop' },
    { type: 'approval.answer' },
    { type: 'integrate' },
    { type: 'budget.change' },
  ];
  if (!context.grown) events.push({ type: 'definition.change' });
  // The handle finishes an unfinished stop before it retries, which takes two requests to the chart.
  if (interrupted !== 'stopping') events.push({ type: 'retry' });
  if (isActive && !context.died) events.push({ type: 'engine.died' });
  events.push(...holdEvents(snapshot));
  const isResting = !isActive && interrupted === undefined;
  if (context.limited && (isRunning || isResting)) events.push({ type: 'quota.opened' });
  if (context.delivering) {
    events.push({ type: 'delivery.done' }, { type: 'delivery.refused' }, { type: 'delivery.ended' });
  }
  const isRetrying = context.sessions.some(({ id }) => statusOf(context, id) === 'retrying');
  if (isRunning && isRetrying) events.push({ type: 'session.ready' });
  const live = liveIn(context);
  if (leafOf(snapshot.value) === 'stopping' || settledIn(context).size > 0)
    events.push({ type: 'session.send' });
  // While it is being paused, a message keeps what its agent has done from being the end: the model knows of no messages.
  if (isRunning) events.push(...live.map(session => ({ type: 'session.send', session }) as const));
  for (const session of live) events.push(...sessionEvents(context, session, value));
  if (live.length === 0) return events;
  const spender = spenderIn(context);
  if (spender && context.money !== 'exceeded' && value !== 'stopping')
    events.push({ type: 'budget.exceeded' });
  if (spender && context.money === 'within') events.push({ type: 'budget.warning' });
  events.push({ type: 'journal.failed' });
  return events;
}

/** Where a hold is possible, one session at a time is held. */
function holdEvents({ value, context }: State): LifecycleStep[] {
  const [held, isPossibleHere] = [
    heldIn(context),
    HOLDS.has(leafOf(value)) && interruptedAt(value) !== 'stopping',
  ];
  const events: LifecycleStep[] = [];
  if (!isPossibleHere || settledIn(context).size + held.length > 0) events.push({ type: 'session.pause' });
  if (!isPossibleHere || held.length < context.sessions.length) events.push({ type: 'session.resume' });
  if (!isPossibleHere) return events;
  for (const session of held) events.push({ type: 'session.resume', session });
  if (held.length > 0) return events;
  for (const session of holdableIn(context)) events.push({ type: 'session.pause', session });
  return events;
}
const HOLDS: ReadonlySet<string> = new Set(['created', 'running', 'paused']);

/** Who spends, if anybody does. */
export const spenderIn = (context: LifecycleContext): string | undefined =>
  liveIn(context).find(id => context.sessions.find(session => session.id === id)?.spends !== false);

/** What can happen to a session whose attempt is live. */
function sessionEvents(
  context: LifecycleContext,
  session: string,
  value: StateValue | undefined,
): LifecycleStep[] {
  const events: LifecycleStep[] = [
    { type: 'session.settled', session, outcome: 'completed' },
    { type: 'session.settled', session, outcome: value === 'stopping' ? 'stopped' : 'failed' },
  ];
  if (value === 'pausing') events.push({ type: 'session.yielded', session, reason: 'pause' });
  if (value !== 'running') return events;
  const { retries = true, asks = false, account } = context.sessions.find(({ id }) => id === session) ?? {};
  if (retries) events.push({ type: 'session.yielded', session, reason: 'retry' });
  if (statusOf(context, session) === 'awaiting_approval') {
    events.push({ type: 'approval.answer', session, decision: 'allow' });
    events.push({ type: 'approval.answer', session, decision: 'deny' });
  } else if (asks) events.push({ type: 'session.asked', session });
  if (account === undefined) return events;
  events.push({ type: 'agent.unavailable', session });
  // Where other sessions have other accounts, what starts meanwhile is a matter of moments.
  const isEverybodys = context.sessions.every(one => one.account === account);
  if (isEverybodys && !context.limited) {
    events.push({ type: 'quota.tooLong', session }, { type: 'session.yielded', session, reason: 'quota' });
  }
  return events;
}
