import type { Clock } from '../../sdk/clock.ts';
import { isCode } from '../../sdk/disk/disk-files.ts';
import { SessionGroupsError } from '../../sdk/errors.ts';
import type { ControlHandlers } from '../verbs.ts';
import { checkSocketPath } from './address.ts';
import { type Connection, serveConnection } from './connection.ts';
import { OwnerGoneError, protocolFailure, toFailure } from './failure.ts';
import { openSocket } from './open-socket.ts';
import { type Listener, type Sockets, systemSockets, type WireSocket } from './sockets.ts';

export interface ServeControlOptions {
  /** The path of the socket, in a folder that only this user can enter (`controlAddress`). */
  readonly address: string;
  readonly handlers: ControlHandlers;
  readonly clock: Clock;
  /** Default: the system's sockets. */
  readonly sockets?: Sockets;
  /** Default: 256. */
  readonly maxConnections?: number;
}

export interface ControlServer {
  readonly address: string;
  /** Answers open requests with `owner_gone`, ends every connection and removes the socket. Safe to call twice. */
  close(): Promise<void>;
}

/** How long slow clients may keep reading after the server closes. */
const CLOSE_GRACE_MS = 1_000;

/**
 * Listens for requests of other processes to a group that this one owns. Only the owner of the group's lock may serve
 * its address: a socket at which no process answers was left by a dead owner and is replaced.
 *
 * SERVER-1 no client can make it throw, fill its memory or lock others out: if there are too many connections, it
 *    closes the oldest one without a request in progress, or, if all are busy, the new one.
 * SERVER-2 it does not keep its process alive.
 *
 * @throws SessionGroupsError `address_in_use`, `socket_path_too_long`.
 */
export async function serveControl(options: ServeControlOptions): Promise<ControlServer> {
  const { address, handlers, clock, sockets = systemSockets, maxConnections = 256 } = options;
  checkSocketPath(address);
  const connections = new Set<Connection>();
  const accept = (socket: WireSocket): void => {
    const connection = serveConnection(socket, handlers);
    if (connections.size >= maxConnections) {
      const idle = [...connections].find(({ busy }) => !busy);
      (idle ?? connection).end(
        protocolFailure('too_many_connections', `more than ${maxConnections} clients`),
      );
      if (!idle) return;
      connections.delete(idle);
    }
    connections.add(connection);
    void connection.closed.then(() => connections.delete(connection));
  };
  const listener = await listen(sockets, address, accept);

  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    const stopped = listener.close();
    // Replies about a state that was just reached go out first.
    await new Promise(resolve => setImmediate(resolve));
    const ending = [...connections];
    for (const connection of ending) connection.end(toFailure(new OwnerGoneError()));
    const timer = clock.setTimeout(() => {
      for (const connection of ending) connection.destroy();
    }, CLOSE_GRACE_MS);
    await Promise.all(ending.map(connection => connection.closed));
    clock.clearTimeout(timer);
    await stopped;
  };
  return {
    address,
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

async function listen(
  sockets: Sockets,
  address: string,
  accept: (socket: WireSocket) => void,
): Promise<Listener> {
  try {
    return await sockets.listen(address, accept);
  } catch (error) {
    if (!isCode(error, 'EADDRINUSE')) throw error;
    if (!sockets.isSocket(address) || (await answers(sockets, address))) {
      throw new SessionGroupsError('address_in_use', `${address} is in use`, { cause: error });
    }
    sockets.remove(address);
    return sockets.listen(address, accept);
  }
}

async function answers(sockets: Sockets, address: string): Promise<boolean> {
  try {
    (await openSocket(sockets, address)).destroy();
    return true;
  } catch (error) {
    return !(error instanceof OwnerGoneError);
  }
}
