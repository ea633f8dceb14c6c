import { Subject } from 'rxjs';
import type { GroupEvent } from '../../src/sdk/group/journal/events.ts';

/** A group that only emits events on demand. */
export function talkingGroup() {
  const told: GroupEvent[] = [];
  const events$ = new Subject<GroupEvent>();
  const reads = { count: 0 };
  async function* history(fromSeq = 0) {
    reads.count += 1;
    for (const event of told.slice(fromSeq)) yield event;
  }
  const say = (count: number, size = 10): void => {
    for (let said = 0; said < count; said += 1) {
      const head = { seq: told.length, time: '2026-01-01T00:00:00.000Z', groupId: 'g' };
      const text = `${told.length} `.padEnd(size, '.');
      const event: GroupEvent = { ...head, type: 'session_message', sessionId: 's', role: 'assistant', text };
      told.push(event);
      events$.next(event);
    }
  };
  return { group: { events$, history, isSettled: () => false }, say, end: () => events$.complete(), reads };
}
