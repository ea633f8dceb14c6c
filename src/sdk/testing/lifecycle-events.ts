import type { StateValue } from 'xstate';
import type { LifecycleContext, LifecycleEvent } from './lifecycle-types.ts';

const isUnfinishedStop = (value: StateValue): boolean =>
  typeof value === 'object' && value.interrupted === 'stopping';

/** The events that can occur in this state, including requests, which can come at any time. */
export function lifecycleEvents(snapshot: {
  readonly value: StateValue;
  readonly context: LifecycleContext;
}): LifecycleEvent[] {
  const { context } = snapshot;
  const isActive = typeof snapshot.value === 'object' && 'active' in snapshot.value;
  const value = isActive ? snapshot.value.active : undefined;
  const isRunning = value === 'running';
  const events: LifecycleEvent[] = [
    { type: 'run' },
    { type: 'pause' },
    { type: 'resume' },
    { type: 'stop' },
    { type: 'session.resume' },
    { type: 'approval.answer' },
    { type: 'integrate' },
    { type: 'budget.change' },
  ];
  if (!context.grown) events.push({ type: 'definition.change' });
  // The handle finishes an unfinished stop before it retries, which takes two requests to the chart.
  if (!isUnfinishedStop(snapshot.value)) events.push({ type: 'retry' });
  if (isActive && !context.died) events.push({ type: 'engine.died' });
  const settledSome = context.completed + context.failed > 0;
  if (!isRunning || settledSome) events.push({ type: 'session.pause' });
  if (context.limited && value !== 'pausing' && value !== 'stopping') events.push({ type: 'quota.opened' });
  if (context.delivering) {
    events.push({ type: 'delivery.done' }, { type: 'delivery.refused' }, { type: 'delivery.ended' });
  }
  if (context.live === 0) {
    if (isRunning && context.retrying > 0) events.push({ type: 'session.ready' });
    return events;
  }
  events.push({ type: 'session.settled', outcome: 'completed' });
  if (value === 'stopping') events.push({ type: 'session.settled', outcome: 'stopped' });
  else events.push({ type: 'session.settled', outcome: 'failed' });
  if (value === 'pausing') events.push({ type: 'session.yielded', reason: 'pause' });
  if (context.money !== 'exceeded' && value !== 'stopping') events.push({ type: 'budget.exceeded' });
  if (context.money === 'within') events.push({ type: 'budget.warning' });
  events.push({ type: 'journal.failed' });
  if (!isRunning) return events;
  events.push(
    { type: 'session.yielded', reason: 'retry' },
    { type: 'quota.tooLong' },
    { type: 'agent.unavailable' },
  );
  if (context.retrying > 0) events.push({ type: 'session.ready' });
  return events;
}
