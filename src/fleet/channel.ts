import { createHash } from 'node:crypto';

/**
 * What groups and workers tell each other. All of it is text: what it means is agreed by those who write and read it.
 * The suite in `test/fleet` checks the rules that every implementation follows:
 *
 * CHANNEL-1 fenced: of a session, only the writer with the highest epoch is heard, once that was raised.
 * CHANNEL-2 whole and in order: the reports of a writer are numbered from 1; one that is sent again is heard once, and none
 *    is heard before those that precede it.
 * CHANNEL-3 bounded: a writer too far ahead of what its group has forgotten is told to wait, and nothing of it was taken.
 * CHANNEL-4 a reader goes on after any position that has not been forgotten; what was forgotten is gone.
 * CHANNEL-5 what comes back from a blob is what was put in, or nothing.
 */
export interface Channel {
  /** @param reports in order, at most 1,000, none longer than 1 MiB; not empty. */
  report(writer: Writer, reports: readonly NumberedText[]): Promise<ReportAnswer>;
  /** From now on, only writers of this epoch or a higher one are heard. */
  fence(writer: Writer): Promise<void>;
  /** What is reported to a group after a position, from the oldest that is kept on if there is none; ends when the signal aborts. */
  reports(group: string, after: Position | undefined, signal: AbortSignal): AsyncIterable<readonly Report[]>;
  /** Everything up to there has been read, and is not needed any more. */
  forget(group: string, upTo: Position): Promise<void>;

  /** Tells a worker something; it is kept for a day, with at most 10,000 others. */
  tell(worker: string, texts: readonly string[]): Promise<void>;
  /** The same of what a worker is told. */
  told(worker: string, after: Position | undefined, signal: AbortSignal): AsyncIterable<readonly Told[]>;

  put(group: string, bytes: Uint8Array): Promise<BlobName>;
  /** undefined: it isn't there any more, or was never. */
  get(group: string, name: BlobName): Promise<Uint8Array | undefined>;

  /** Everything of a group is deleted, and nothing is heard any more that is reported to it. */
  end(group: string): Promise<void>;
  /** Whether that was so, within the retention. */
  hasEnded(group: string): Promise<boolean>;
  close(): Promise<void>;
}

/** Who reports: an attempt of a session. */
export interface Writer {
  readonly group: string;
  readonly session: string;
  /** The number of the attempt: a later one has a higher epoch. */
  readonly epoch: number;
}

export interface NumberedText {
  /** 1 for the first of its writer, then without a gap. */
  readonly n: number;
  readonly text: string;
}

/** A place in what is read: opaque, and to be kept as it is. */
export type Position = string;

export interface Report extends NumberedText {
  readonly session: string;
  readonly epoch: number;
  /** After this one. */
  readonly position: Position;
}

export interface Told {
  readonly text: string;
  readonly position: Position;
}

export type ReportAnswer =
  /** All are kept. */
  | { readonly kind: 'kept' }
  /** Another writer has taken over: none is kept, and none ever will be. */
  | { readonly kind: 'fenced' }
  /** Its group reads more slowly: none is kept, and the same ones may be sent again later. */
  | { readonly kind: 'full' }
  /** These don't follow the last one that is known, which has number `last`: none is kept. */
  | { readonly kind: 'gap'; readonly last: number };

/** The SHA-256 of its bytes, in hex. */
export type BlobName = string;

export const blobName = (bytes: Uint8Array): BlobName => createHash('sha256').update(bytes).digest('hex');
