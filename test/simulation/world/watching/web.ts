import { drained } from '../../../../src/control/wire/request-context.ts';
import type { WireSocket } from '../../../../src/control/wire/sockets.ts';
import { lineSplitter } from '../../../../src/sdk/process/line-splitter.ts';
import { app } from '../../../../src/serve/http/app.ts';
import { DEFAULT_LIMITS } from '../../../../src/serve/http/limits.ts';
import { groupAccess } from '../../../../src/serve/live/access.ts';
import { Residents } from '../../../../src/serve/live/residents.ts';
import { Watches } from '../../../../src/serve/live/watches.ts';
import { MACHINE } from '../../plan/definitions.ts';
import type { SimulatedProcess } from '../process.ts';

const TOKEN = 'a'.repeat(43);

/** An answer of the HTTP API. */
export interface WebAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export type Web = (method: 'GET' | 'POST' | 'DELETE', path: string, body?: object) => Promise<WebAnswer>;

/** The HTTP API of a process. */
export interface Site {
  readonly ask: Web;
  /** Where it listens for those who want an answer that goes on. */
  readonly address: string;
}

/** What is asked at a site's address, in one line: the answer is its status in a line, and its body. */
export interface StreamRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The HTTP API of a process, with simulated sockets in place of a network. */
export function siteOf({ manager, store, clock, sockets, pid }: SimulatedProcess): Site {
  const residents = new Residents(manager, clock, sockets);
  const access = groupAccess(store, residents, clock, sockets);
  const watches = new Watches(access, clock, residents.moved);
  const none = () => Promise.reject(new Error('no pictures are drawn here'));
  const pictures = { pictureOfGraph: async () => ({}) as never, pictureOfChart: none };
  const world = { manager, access, residents, watches, clock, env: {}, ...pictures };
  const routes = app({ world, token: TOKEN, limits: DEFAULT_LIMITS, pageFolder: `${MACHINE}/page` });
  const ask = (path: string, { headers, ...more }: RequestInit) =>
    routes.request(`http://127.0.0.1/api/v1${path}`, {
      headers: { authorization: `Bearer ${TOKEN}`, ...headers },
      ...more,
    });
  const address = `${MACHINE}/http/${pid}`;
  void sockets.listen(address, socket => void answerStream(socket, ask).catch(() => {}));
  return {
    address,
    async ask(method, path, body) {
      const answer = await ask(path, {
        method,
        headers: { 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      return { status: answer.status, body: JSON.parse(text) as WebAnswer['body'] };
    },
  };
}

/** Answers one request. Whoever has gone is read for no more. */
async function answerStream(
  socket: WireSocket,
  ask: (path: string, init: RequestInit) => Response | Promise<Response>,
): Promise<void> {
  const gone = new AbortController();
  socket.on('error', () => {}); // `close` follows
  socket.once('close', () => gone.abort());
  const line = await new Promise<string>(resolve => {
    const splitter = lineSplitter(resolve);
    socket.on('data', (chunk: Buffer) => splitter.push(chunk));
  });
  const { path, headers } = JSON.parse(line) as StreamRequest;
  const { status, body } = await ask(path, { headers, signal: gone.signal });
  socket.write(`${status}\n\n`);
  const reader = body?.getReader();
  const leave = (): void => void reader?.cancel().catch(() => {});
  if (gone.signal.aborted) leave();
  socket.once('close', leave);
  for (let next = await reader?.read(); next?.value; next = await reader?.read()) {
    if (!socket.write(next.value)) await drained(socket, gone.signal);
  }
  socket.destroySoon();
}
