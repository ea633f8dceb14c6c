import { app } from '../../../src/serve/http/app.ts';
import { DEFAULT_LIMITS } from '../../../src/serve/http/limits.ts';
import { groupAccess } from '../../../src/serve/live/access.ts';
import { Residents } from '../../../src/serve/live/residents.ts';
import { Watches } from '../../../src/serve/live/watches.ts';
import { MACHINE } from '../plan/definitions.ts';
import type { SimulatedProcess } from './process.ts';

const TOKEN = 'a'.repeat(43);

/** An answer of the HTTP API. */
export interface WebAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export type Web = (method: 'GET' | 'POST' | 'DELETE', path: string, body?: object) => Promise<WebAnswer>;

/** The HTTP API of a process, without a network. */
export function webOf({ manager, store, clock, sockets }: SimulatedProcess): Web {
  const residents = new Residents(manager, clock, sockets);
  const access = groupAccess(store, residents, clock, sockets);
  const watches = new Watches(access, clock, residents.moved);
  const none = () => Promise.reject(new Error('no pictures are drawn here'));
  const pictures = { pictureOfGraph: async () => ({}) as never, pictureOfChart: none };
  const world = { manager, access, residents, watches, clock, env: {}, ...pictures };
  const routes = app({ world, token: TOKEN, limits: DEFAULT_LIMITS, pageFolder: `${MACHINE}/page` });
  return async (method, path, body) => {
    const answer = await routes.request(`http://127.0.0.1/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, body: JSON.parse(text) as WebAnswer['body'] };
  };
}
