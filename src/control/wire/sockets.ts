import { chmodSync, lstatSync, rmSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import type { Duplex } from 'node:stream';

/** Sockets at addresses of this machine, as far as an owner and its clients need them: tests put simulated ones here. */
export interface Sockets {
  /** Rejects with what the system says: its `code` tells that nobody listens. @throws the signal's reason. */
  connect(address: string, signal?: AbortSignal): Promise<WireSocket>;
  /** For this user alone, and without keeping the process alive. Rejects with EADDRINUSE where something is there. */
  listen(address: string, accept: (socket: WireSocket) => void): Promise<Listener>;
  /** Whether what is there is a socket, whoever listens; true where nothing is. */
  isSocket(address: string): boolean;
  /** Takes away what a listener has left. */
  remove(address: string): void;
}

export interface Listener {
  /** Takes nobody any more, and the address is free. Resolves once the last connection has ended. */
  close(): Promise<void>;
}

/** One end of a connection, a stream of bytes each way. Its events are `data`, `drain`, `error` and `close`. */
export interface WireSocket
  extends Pick<Duplex, 'write' | 'destroy' | 'on' | 'once' | 'off' | typeof Symbol.asyncIterator>,
    Pick<Duplex, 'destroyed' | 'writableEnded' | 'writableLength' | 'writableNeedDrain'> {
  /** Ends it once the other side has been given what was written. */
  destroySoon(): void;
}

export const systemSockets: Sockets = {
  connect: (address, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const socket = createConnection(address);
      const settle = (act: () => void): void => {
        signal?.removeEventListener('abort', onAbort);
        socket.off('error', onError);
        act();
      };
      const onAbort = (): void => {
        socket.destroy();
        settle(() => reject(signal?.reason));
      };
      const onError = (error: Error): void => settle(() => reject(error));
      signal?.addEventListener('abort', onAbort, { once: true });
      socket.once('error', onError);
      socket.once('connect', () => settle(() => resolve(socket)));
    }),
  async listen(address, accept) {
    const server = createServer(accept);
    server.unref();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(address, () => {
        server.off('error', reject);
        resolve();
      });
    });
    server.on('error', () => {}); // a connection that could not be accepted
    chmodSync(address, 0o600);
    return { close: () => new Promise(resolve => void server.close(() => resolve())) };
  },
  isSocket: address => lstatSync(address, { throwIfNoEntry: false })?.isSocket() ?? true,
  remove: address => rmSync(address, { force: true }),
};
