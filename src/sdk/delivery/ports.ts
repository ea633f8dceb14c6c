import { createServer } from 'node:net';
import type { ProjectGate } from '../project/project-gate.ts';

/**
 * Ports of this machine for what a session starts.
 *
 * PORTS-1 of all sessions that hold ports, in whichever group or process of this user, no two hold the same one: a port
 *    is taken like a place in a project.
 * PORTS-2 nothing listened on it, on 127.0.0.1 or ::1, when it was taken. Who takes a port without asking can still have
 *    it before the session does.
 */

/** Ports by the name of the variable that holds each. */
export type Ports = Readonly<Record<string, number>>;

export interface PortWish {
  /** Who takes them; the same holder gets them once. */
  readonly holder: string;
  readonly names: readonly string[];
  /** What it had before: taken again where that is free. */
  readonly before: Ports;
}

type Places = Pick<ProjectGate, 'tryEnter' | 'leave'>;

const MOST_TRIES = 100;

/** Takes a free port for each name. @throws Error if the system has none, and then none is held. */
export async function takePorts(places: Places, { holder, names, before }: PortWish): Promise<Ports> {
  const taken: Record<string, number> = {};
  try {
    for (const name of new Set(names)) {
      const earlier = Object.hasOwn(before, name) ? before[name] : undefined;
      taken[name] = await takePort(places, `${holder} ${name}`, earlier);
    }
    return taken;
  } catch (error) {
    leavePorts(places, holder, taken);
    throw error;
  }
}

/** Gives them back. */
export function leavePorts(places: Places, holder: string, ports: Ports): void {
  for (const [name, port] of Object.entries(ports)) places.leave(placeOf(port), `${holder} ${name}`);
}

const placeOf = (port: number): string => `port ${port}`;

async function takePort(places: Places, holder: string, earlier: number | undefined): Promise<number> {
  for (let wanted = earlier ?? 0, tries = 0; tries < MOST_TRIES; wanted = 0, tries += 1) {
    const port = await listenOn('127.0.0.1', wanted);
    if (typeof port !== 'number' || (await listenOn('::1', port)) === 'taken') continue;
    if (places.tryEnter(placeOf(port), 1, holder)) return port;
  }
  throw new Error('no free port was found');
}

/** The port, once it listens no more; `taken` if another listens on it, `none` if there is no such address. */
function listenOn(host: string, port: number): Promise<number | 'taken' | 'none'> {
  return new Promise(resolve => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code === 'EADDRINUSE' || error.code === 'EACCES' ? 'taken' : 'none'),
    );
    server.listen({ host, port, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 'none'));
    });
  });
}

/** As variables of an environment. */
export const asVariables = (ports: Ports = {}): Record<string, string> =>
  Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, String(port)]));
