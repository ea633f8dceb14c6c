import { fromEventPattern } from 'rxjs';
import { untilAborted } from '../../sdk/abort.ts';
import type { WireSocket } from './sockets.ts';

/** What a handler gets in addition to its parameters. */
export interface ControlContext {
  /** Aborted when the client stops waiting for the reply. The request itself is not undone. */
  readonly signal: AbortSignal;
  /** false: reply when the request is accepted, not when the state is reached. */
  readonly wait: boolean;
  /** Streams a record. False if the client is behind: send no more until `drained`. Never throws. */
  send(record: { readonly type: string }): boolean;
  /** Sends a notice about the stream, such as `lagged`. */
  notify(notice: string): boolean;
  /** Resolves once the client has caught up; rejects with the signal's reason if it disconnects. */
  drained(): Promise<void>;
}

/** Resolves once what was written to the socket has been read. @throws the signal's reason. */
export async function drained(socket: WireSocket, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  if (!socket.writableNeedDrain) return;
  const drains = fromEventPattern(
    listener => socket.on('drain', listener),
    listener => socket.off('drain', listener),
  );
  await untilAborted(drains, signal);
}
