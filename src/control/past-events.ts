import type { SessionGroupHandle } from '../sdk/group/api/handle.ts';
import type { GroupEvent } from '../sdk/group/journal/events.ts';

/** So much is read of the journal at a time, and this often kept for others who are as far behind. */
const MOST_EVENTS = 1_000;
const MOST_BYTES = 256 * 1024;
const KEPT = 16;

/** Reads a group's history for many who are behind, in bounded memory: neighbours share what was read. */
export function pastEvents(source: Pick<SessionGroupHandle, 'history'>) {
  const kept: (readonly GroupEvent[])[] = [];
  const reading = new Map<number, Promise<readonly GroupEvent[]>>();

  const read = async (seq: number): Promise<readonly GroupEvent[]> => {
    const events: GroupEvent[] = [];
    let bytes = 0;
    for await (const event of source.history(seq)) {
      events.push(event);
      bytes += sizeOf(event);
      if (events.length >= MOST_EVENTS || bytes >= MOST_BYTES) break;
    }
    if (events.length > 0) kept.unshift(events);
    kept.length = Math.min(kept.length, KEPT);
    return events;
  };

  return {
    /** Events in order, with that number among them; none when nothing of that number has happened yet. */
    async from(seq: number): Promise<readonly GroupEvent[]> {
      const known = kept.find(events => {
        const [first] = events;
        return first !== undefined && first.seq <= seq && seq < first.seq + events.length;
      });
      if (known) return known;
      const same = reading.get(seq);
      if (same) return same;
      const started = read(seq).finally(() => reading.delete(seq));
      reading.set(seq, started);
      return started;
    },
  };
}

/** Roughly: what may be long is text. */
function sizeOf(event: GroupEvent): number {
  let bytes = 300;
  for (const value of Object.values(event)) if (typeof value === 'string') bytes += value.length;
  return bytes;
}
