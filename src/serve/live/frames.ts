import type { GroupEvent } from '../../sdk/group/journal/events.ts';

/** A server-sent event. */
export const frame = (event: string, value: object): Uint8Array => Buffer.from(frameText(event, value));

const frameText = (event: string, value: object): string =>
  `event: ${event}\ndata: ${JSON.stringify(value)}\n\n`;

/** Frames that go out together have about this many characters, or are of a single event. */
const LONGEST = 64 * 1024;
/** Streams of a group that have read it all are at the same place: what was made for one is there for the others. */
const KEPT = 4;

/**
 * The frames of a group's events, written once for all of its streams that send the same events together.
 *
 * FRAMES-1 what is kept does not depend on the number of events or of streams: the last KEPT pieces.
 */
export class EventFrames {
  readonly #kept: Piece[] = [];
  /** How often events were written as frames, whatever number of streams they went to. */
  made = 0;

  /** The frames of these events, in pieces. */
  *of(events: readonly GroupEvent[]): Generator<Uint8Array, void, void> {
    for (let at = 0; at < events.length; ) {
      const piece = this.#known(events, at) ?? this.#make(events, at);
      at += piece.events.length;
      yield piece.bytes;
    }
  }

  #known(events: readonly GroupEvent[], at: number): Piece | undefined {
    return this.#kept.find(({ events: those }) => {
      const last = at + those.length - 1;
      return those[0] === events[at] && last < events.length && those.at(-1) === events[last];
    });
  }

  #make(events: readonly GroupEvent[], from: number): Piece {
    let text = '';
    let at = from;
    for (; at < events.length && text.length < LONGEST; at++) {
      const event = events[at];
      if (event) text += `id: ${event.seq}\n${frameText('event', event)}`;
    }
    this.made += at - from;
    const piece = { events: events.slice(from, at), bytes: Buffer.from(text) };
    this.#kept.unshift(piece);
    this.#kept.length = Math.min(this.#kept.length, KEPT);
    return piece;
  }
}

interface Piece {
  /** `seq` has no gap: the first and the last one say what it has. */
  readonly events: readonly GroupEvent[];
  readonly bytes: Uint8Array;
}
