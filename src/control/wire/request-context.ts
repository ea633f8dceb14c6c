import type { WireSocket } from './sockets.ts';

/** What a handler gets besides its parameters. */
export interface ControlContext {
  /** Aborted once nobody waits for the reply any more. What was asked for is not undone by it. */
  readonly signal: AbortSignal;
  /** false: reply when the request is accepted, not when the state is reached. */
  readonly wait: boolean;
  /** Streams a record. False when the reader is behind: send no more until `drained`. Never throws. */
  send(record: { readonly type: string }): boolean;
  /** Tells the reader something about the stream, such as `lagged`. */
  notify(notice: string): boolean;
  /** Resolves once the reader has caught up; rejects with the signal's reason when it has gone. */
  drained(): Promise<void>;
}

export function requestContext({
  socket,
  signal,
  wait,
  stream,
}: {
  readonly socket: WireSocket;
  readonly signal: AbortSignal;
  readonly wait: boolean;
  /** Writes under the request's id; false when the reader is behind, or the request is over. */
  stream(message: object): boolean;
}): ControlContext {
  return {
    signal,
    wait,
    send: record => stream({ record }),
    notify: notice => stream({ notice }),
    drained: () => drained(socket, signal),
  };
}

function drained(socket: WireSocket, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    if (!socket.writableNeedDrain) return resolve();
    const done = (): void => {
      socket.off('drain', onDrain);
      signal.removeEventListener('abort', onAbort);
    };
    const onDrain = (): void => {
      done();
      resolve();
    };
    const onAbort = (): void => {
      done();
      reject(signal.reason);
    };
    socket.once('drain', onDrain);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
