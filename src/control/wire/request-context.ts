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

export function requestContext({
  socket,
  signal,
  wait,
  stream,
}: {
  readonly socket: WireSocket;
  readonly signal: AbortSignal;
  readonly wait: boolean;
  /** Writes under the request's id; false if the client is behind or the request has been answered. */
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
