import type { GroupMachineEvent, SessionMachineEvent } from '../../machines/contract.ts';

/** The sessions of an explored group: they only record what their charts would be doing. */

/** What a session's chart would be doing; `pausing` and `stopping` still have a live attempt. */
export type Child =
  | 'working'
  | 'pausing'
  | 'stopping'
  | 'wanting'
  | 'merging'
  | 'mergingPausing'
  | 'mergingStopping'
  | 'retrying'
  | 'queued'
  | 'paused';
/** Those that merge, or are still to end that. */
export const MERGING_CHILD: ReadonlySet<string> = new Set(['merging', 'mergingPausing', 'mergingStopping']);
export const LIVE_CHILD: ReadonlySet<string> = new Set([
  ...['working', 'pausing', 'stopping', 'wanting'],
  ...MERGING_CHILD,
]);

/** What a session's chart can do by itself. */
export type ChildAct = 'complete' | 'fail' | 'end' | 'retry' | 'limit' | 'lose' | 'ready' | 'want';

export function childEvents(
  id: string,
  does: ChildAct,
  children: Record<string, Child>,
): GroupMachineEvent[] {
  const was = children[id];
  const yields = (state: Child, reason: 'pause' | 'retry' | 'quota'): GroupMachineEvent[] => {
    children[id] = state;
    return [{ type: 'session.yielded', id, reason }];
  };
  const settles = (outcome: 'completed' | 'failed' | 'stopped'): GroupMachineEvent[] => {
    delete children[id];
    return [{ type: 'session.settled', id, outcome }];
  };
  if (does === 'complete') return settles('completed');
  if (does === 'fail') return settles('failed');
  const stops = was === 'stopping' || was === 'mergingStopping';
  if (does === 'end') return stops ? settles('stopped') : yields('paused', 'pause');
  if (does === 'want') {
    children[id] = 'wanting';
    return [{ type: 'merge.wanted', id }];
  }
  if (does === 'lose') {
    return [{ type: 'agent.unavailable', code: 'billing_error' }, ...yields('paused', 'pause')];
  }
  if (does === 'retry') return yields('retrying', 'retry');
  if (does === 'limit') return was === 'pausing' ? yields('paused', 'pause') : yields('retrying', 'quota');
  children[id] = 'queued';
  return [{ type: 'session.ready', id }];
}

/** An event for a session's chart; one without a live attempt answers at once. */
export function told(
  children: Record<string, Child>,
  { to: { id }, event }: { readonly to: { readonly id: string }; readonly event: SessionMachineEvent },
): GroupMachineEvent[] {
  const was = children[id];
  if (was === undefined) return [];
  const live = LIVE_CHILD.has(was) && was !== 'wanting'; // who waits for its turn has nothing to end
  const merges = MERGING_CHILD.has(was);
  if (event.type === 'merge.granted' && was === 'wanting') children[id] = 'merging';
  if (event.type === 'stop') {
    if (live) children[id] = merges ? 'mergingStopping' : 'stopping';
    else delete children[id];
    return live ? [] : [{ type: 'session.settled', id, outcome: 'stopped' }];
  }
  if (event.type === 'pause' && was !== 'paused') {
    if (live) {
      if (was === 'working') children[id] = 'pausing';
      if (was === 'merging') children[id] = 'mergingPausing';
      return [];
    }
    children[id] = 'paused';
    return [{ type: 'session.yielded', id, reason: 'pause' }];
  }
  if (event.type === 'resume' && was === 'paused') {
    children[id] = 'queued';
    return [{ type: 'session.ready', id }];
  }
  if (event.type === 'slot.granted') {
    if (was !== 'queued') return [{ type: 'session.yielded', id, reason: 'pause' }];
    children[id] = 'working';
  }
  return [];
}
