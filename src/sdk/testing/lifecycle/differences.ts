import { isLiveSession } from '../../../../machines/vocabulary.ts';
import type { GroupRunner } from '../../group/runner.ts';
import type { AttemptWatch } from './attempt-watch.ts';
import type { State } from './events.ts';
import { heldIn, leafOf, liveIn, statusOf } from './sessions.ts';
import type { LifecycleContext } from './types.ts';

/** In what a group, as it shows itself, and its model differ. */
export function differences(
  { value, context }: State,
  group: Pick<GroupRunner, 'getProgress' | 'getResult'>,
  watch: AttemptWatch,
): string[] {
  const progress = group.getProgress();
  const status = leafOf(value);
  const found: string[] = [];
  if (progress.status !== status) found.push(`the group is ${progress.status}; expected: ${status}`);
  const held = heldIn(context);
  for (const { id, status: shown, skipReason, error, why } of progress.sessions) {
    const expected = expectedOf(context, id, status);
    const how = error ? ` (${error.code}: ${error.message})` : '';
    if (!isShownAs(shown, expected, context.lost.includes(id))) {
      found.push(`${id} is ${shown}${how}; expected: ${expected}`);
    }
    const isHeld = why?.kind === 'paused' && why.reason === 'held';
    if (isHeld !== held.includes(id)) found.push(`${id} is ${isHeld ? 'held' : 'not said to be held'}`);
    const reason = context.standing[id]?.skipReason;
    if (skipReason !== reason) found.push(`${id} is skipped (${skipReason}); expected: ${reason}`);
  }
  const [live, expectedLive] = [[...watch.live.keys()].sort(), liveIn(context).sort()];
  if (live.join() !== expectedLive.join()) {
    found.push(
      `attempts are live of: ${live.join(', ') || 'none'}; expected: ${expectedLive.join(', ') || 'none'}`,
    );
  }
  const { reason } = group.getResult();
  if (status === 'paused' && reason !== context.reason) {
    found.push(`paused (${reason}); expected: ${context.reason}`);
  }
  return found;
}

function expectedOf(context: LifecycleContext, id: string, group: string): string {
  const status = statusOf(context, id);
  const isLive = liveIn(context).includes(id);
  return isLive && (group === 'pausing' || group === 'stopping') ? 'interrupting' : status;
}

/** Whether what is shown is what the model says; one that is live may be shown as being interrupted. */
const isShownAs = (shown: string, expected: string, isLost: boolean): boolean =>
  isLost ? isLiveSession(shown) : shown === expected;
