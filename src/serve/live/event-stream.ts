import { isSettledGroup } from '../../../machines/vocabulary.ts';
import { groupEventBatches } from '../../control/follow-events.ts';
import type { Clock } from '../../sdk/clock.ts';
import type { GroupEvent } from '../../sdk/group/journal/events.ts';
import { isEvent } from '../../sdk/group/journal/records.ts';
import type { KeptStatus } from '../../sdk/group/standing/kept-status.ts';
import type { StreamEnd } from '../api-types.ts';
import { errorAnswer } from '../http/api-error.ts';
import type { GroupAccess } from './access.ts';
import { changed, stampOf } from './changes.ts';
import { type EventFrames, frame } from './frames.ts';
import type { GroupWatch } from './group-watch.ts';
import { Outbox } from './outbox.ts';
import type { Residents } from './residents.ts';
import type { Watches } from './watches.ts';

export interface StreamOptions {
  readonly id: string;
  /** The first event to send; undefined: progress only. */
  readonly fromSeq: number | undefined;
}

export interface StreamWorld {
  readonly access: GroupAccess;
  readonly residents: Residents;
  readonly watches: Watches;
  readonly clock: Clock;
}

const PING_EVERY_MS = 15_000;
const PING = Buffer.from(': ping\n\n');

/**
 * A group's events and progress as server-sent events, until the group has settled or the reader disconnects.
 *
 * STREAM-1 each event is sent once, in order and without gaps from `fromSeq` on, even if the owner changes meanwhile.
 * STREAM-2 a stalled reader costs bounded memory and blocks nobody: events wait in the journal, progress is skipped.
 */
export function eventStream(
  { id, fromSeq }: StreamOptions,
  world: StreamWorld,
  onClosed: () => void,
): ReadableStream<Uint8Array> {
  const { watch, frames, release } = world.watches.watch(id);
  const outbox = new Outbox();
  const gone = new AbortController();
  const over = new AbortController();
  const ping = pinging(outbox, world.clock);

  const progress = async () => {
    try {
      return await sendProgress(watch, outbox, gone.signal);
    } finally {
      over.abort();
    }
  };
  const run = async () => {
    const [status] = await Promise.all([
      progress(),
      fromSeq === undefined
        ? undefined
        : sendEvents({ id, fromSeq }, world, frames, outbox, gone.signal, over.signal),
    ]);
    if (isSettledGroup(status)) await outbox.put(frame('end', { status } satisfies StreamEnd));
  };
  const close = () => {
    if (gone.signal.aborted) return;
    gone.abort();
    ping.stop();
    release();
    onClosed();
  };
  void run()
    .catch(error => (gone.signal.aborted ? undefined : outbox.put(frame('error', errorAnswer(error).body))))
    .finally(() => outbox.close());

  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const bytes = await outbox.take();
        if (bytes !== undefined) return controller.enqueue(bytes);
        close();
        controller.close();
      },
      cancel() {
        close();
        outbox.close();
      },
    },
    { highWaterMark: 0 },
  );
}

async function sendProgress(watch: GroupWatch, outbox: Outbox, signal: AbortSignal): Promise<KeptStatus> {
  for (let version = 0; ; ) {
    const next = await watch.next(version, signal);
    version = next.version;
    await outbox.put(next.frame);
    if (next.last) return next.status;
  }
}

async function sendEvents(
  { id, fromSeq }: { readonly id: string; readonly fromSeq: number },
  { access, residents, watches: { turns }, clock }: StreamWorld,
  frames: EventFrames,
  outbox: Outbox,
  gone: AbortSignal,
  over: AbortSignal,
): Promise<void> {
  const signal = AbortSignal.any([gone, over]);
  let next = fromSeq;
  const send = async (events: readonly GroupEvent[]) => {
    const unsent = (events[0]?.seq ?? next) < next ? events.filter(({ seq }) => seq >= next) : events;
    next = (unsent.at(-1)?.seq ?? next - 1) + 1;
    for (const bytes of frames.of(unsent)) await outbox.put(bytes);
  };
  try {
    for (;;) {
      const stored = await access.read(id);
      const stamp = await stampOf(stored.dir);
      for await (const events of groupEventBatches(id, access.store, access, {
        ...{ fromSeq: next, signal, clock },
      })) {
        await send(events);
        signal.throwIfAborted();
        if (turns.areLive(events)) await turns.next(signal);
      }
      await changed(stored, stamp, { clock, moved: residents.moved, signal, restMs: 0 });
    }
  } catch (error) {
    if (gone.aborted || !over.aborted) throw error;
  }
  for (const record of (await access.read(id)).records) if (isEvent(record)) await send([record]);
}

function pinging(outbox: Outbox, clock: Clock): { stop(): void } {
  let timer: unknown;
  const arm = () => {
    timer = clock.setTimeout(() => {
      if (outbox.isEmpty) void outbox.put(PING);
      arm();
    }, PING_EVERY_MS);
  };
  arm();
  return { stop: () => clock.clearTimeout(timer) };
}
