import type { GroupEvent } from '../events.ts';
import type { EventHistory } from './journal-stream.ts';

/** The most that one read of the journal takes, and how many reads are cached for readers at similar positions. */
const MAX_EVENTS = 1_000;
const MAX_BYTES = 256 * 1024;
const CACHED_READS = 16;

/** Reads a group's history for many slow readers, in bounded memory. */
export function pastEvents(source: { readonly history: EventHistory }) {
  const cached: (readonly GroupEvent[])[] = [];
  const reading = new Map<number, Promise<readonly GroupEvent[]>>();

  const read = async (seq: number): Promise<readonly GroupEvent[]> => {
    const events: GroupEvent[] = [];
    let bytes = 0;
    for await (const event of source.history(seq)) {
      events.push(event);
      bytes += sizeOf(event);
      if (events.length >= MAX_EVENTS || bytes >= MAX_BYTES) break;
    }
    if (events.length > 0) cached.unshift(events);
    cached.length = Math.min(cached.length, CACHED_READS);
    return events;
  };

  return {
    /** Events in order that include `seq`; none if it has not happened yet. */
    async from(seq: number): Promise<readonly GroupEvent[]> {
      const known = cached.find(events => {
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

/** An estimate: only strings can be long. */
function sizeOf(event: GroupEvent): number {
  let bytes = 300;
  for (const value of Object.values(event)) if (typeof value === 'string') bytes += value.length;
  return bytes;
}
