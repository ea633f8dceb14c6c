import type { GroupEvent } from '../../sdk/group/journal/events.ts';

/** Events of a group in order, as many at a time as have happened meanwhile. No batch is empty. */
export type EventBatches = AsyncIterable<readonly GroupEvent[]>;

/** One after the other. @throws the signal's reason, once it has aborted, also in the middle of a batch. */
export async function* eachEvent(
  batches: EventBatches,
  signal?: AbortSignal,
): AsyncGenerator<GroupEvent, void, void> {
  for await (const events of batches) {
    for (const event of events) {
      yield event;
      signal?.throwIfAborted();
    }
  }
}
