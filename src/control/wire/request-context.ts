import type { Socket } from 'node:net';
import type { ControlContext } from './handlers.ts';

/** What a handler gets besides its parameters. */
export function requestContext({
  socket,
  signal,
  wait,
  stream,
}: {
  readonly socket: Socket;
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

function drained(socket: Socket, signal: AbortSignal): Promise<void> {
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
