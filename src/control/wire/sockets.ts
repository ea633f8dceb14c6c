import { once } from 'node:events';
import { chmodSync, lstatSync, rmSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import type { Duplex } from 'node:stream';

/** The sockets port: local sockets as an owner and its clients need them. Tests pass simulated ones. */
export interface Sockets {
  /** Rejects with the system's error, whose `code` tells if no process listens. @throws the signal's reason. */
  connect(address: string, signal?: AbortSignal): Promise<WireSocket>;
  /** For this user only; does not keep the process alive. Rejects with EADDRINUSE if the path exists. */
  listen(address: string, accept: (socket: WireSocket) => void): Promise<Listener>;
  /** Whether the path is a socket, or does not exist. */
  isSocket(address: string): boolean;
  /** Removes a socket that a listener has left. */
  remove(address: string): void;
}

export interface Listener {
  /** Stops listening and frees the address at once. Resolves once the last connection has ended. */
  close(): Promise<void>;
}

/** One end of a connection: a byte stream each way, with the events `data`, `drain`, `error` and `close`. */
export interface WireSocket
  extends Pick<Duplex, 'write' | 'destroy' | 'on' | 'once' | 'off' | typeof Symbol.asyncIterator>,
    Pick<Duplex, 'destroyed' | 'writableEnded' | 'writableLength' | 'writableNeedDrain'> {
  /** Ends it once everything written has been sent. */
  destroySoon(): void;
}

export const systemSockets: Sockets = {
  async connect(address, signal) {
    signal?.throwIfAborted();
    const socket = createConnection(address);
    try {
      await once(socket, 'connect', signal && { signal });
      return socket;
    } catch (error) {
      socket.destroy();
      signal?.throwIfAborted();
      throw error;
    }
  },
  async listen(address, accept) {
    const server = createServer(accept);
    server.unref();
    server.listen(address);
    await once(server, 'listening');
    server.on('error', () => {}); // a connection that could not be accepted
    chmodSync(address, 0o600);
    return { close: () => new Promise(resolve => void server.close(() => resolve())) };
  },
  isSocket: address => lstatSync(address, { throwIfNoEntry: false })?.isSocket() ?? true,
  remove: address => rmSync(address, { force: true }),
};
