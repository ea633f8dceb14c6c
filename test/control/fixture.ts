import { mkdtempSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { ControlHandlers } from '../../src/control/verbs.ts';
import { type ControlServer, serveControl } from '../../src/control/wire/server.ts';
import { type Clock, systemClock } from '../../src/sdk/clock.ts';
import { lineSplitter } from '../../src/sdk/process/line-splitter.ts';

export const newAddress = (): string => join(mkdtempSync(join(tmpdir(), 'sg-control-')), 'control.sock');

const accepted = async () => ({ accepted: true }) as const;

/** An owner that accepts every request. */
export const agreeable: ControlHandlers = {
  status: () => Promise.reject(new Error('secret: not for clients')),
  pause: accepted,
  resume: accepted,
  stop: accepted,
  retry: async ({ sessions = [] }) => ({ sessions }),
  integrate: accepted,
  redefine: async () => ({ added: [], removed: [], changed: [], settings: [] }),
  set_max_budget: accepted,
  session_pause: accepted,
  session_resume: accepted,
  session_send: accepted,
  answer: accepted,
  why: async () => ({ why: { kind: 'not_started' } }),
  watch: async ({ fromSeq = 0 }) => ({ nextSeq: fromSeq }),
};

export async function serve(
  handlers: Partial<ControlHandlers> = {},
  options: { readonly maxConnections?: number; readonly clock?: Clock; readonly address?: string } = {},
): Promise<ControlServer> {
  const { address = newAddress(), clock = systemClock, ...more } = options;
  const server = await serveControl({ address, clock, handlers: { ...agreeable, ...handlers }, ...more });
  onTestFinished(() => server.close());
  return server;
}

export interface RawClient {
  readonly socket: Socket;
  write(text: string | Uint8Array): void;
  /** The next line from the server, parsed; `end` once it has closed the connection. */
  next(): Promise<unknown>;
  readonly closed: Promise<void>;
}

/** A client that can send anything. */
export async function rawClient(address: string): Promise<RawClient> {
  const socket = createConnection(address);
  const unread: unknown[] = [];
  const waiting: ((value: unknown) => void)[] = [];
  const give = (value: unknown): void => {
    const reader = waiting.shift();
    if (reader) reader(value);
    else unread.push(value);
  };
  const splitter = lineSplitter(line => give(JSON.parse(line)));
  socket.on('data', chunk => splitter.push(chunk));
  socket.on('error', () => {});
  const closed = new Promise<void>(resolve => {
    socket.once('close', () => {
      for (const reader of waiting) reader('end');
      unread.push('end');
      resolve();
    });
  });
  onTestFinished(() => void socket.destroy());
  await new Promise<void>(resolve => {
    socket.once('connect', resolve);
    socket.once('close', () => resolve());
  });
  return {
    socket,
    closed,
    write: text => void socket.write(text),
    next: () =>
      unread.length > 0 ? Promise.resolve(unread.shift()) : new Promise(resolve => waiting.push(resolve)),
  };
}
