import { lineSplitter } from '../../sdk/process/line-splitter.ts';
import type { ControlHandlers } from '../verbs.ts';
import { type CheckedRequest, checkRequest } from './check-request.ts';
import { OwnerGoneError, protocolFailure, toFailure } from './failure.ts';
import { CONTROL_VERSION, type ControlFailure, MAX_REQUEST_BYTES, type RequestId } from './protocol.ts';
import { drained } from './request-context.ts';
import type { WireSocket } from './sockets.ts';

const MAX_REQUESTS = 64;
/** A client that leaves more than this unread is disconnected; streams stop long before (`send` returns false). */
const MAX_UNREAD_BYTES = 32 * 1024 * 1024;

/** A connection to one client of the owner. */
export interface Connection {
  /** Whether a request is in progress. */
  readonly busy: boolean;
  readonly closed: Promise<void>;
  /** Answers all open requests with this, and ends once the client has read it. */
  end(failure: ControlFailure): void;
  /** Ends it without waiting, with a reason if the client has read everything before. */
  dismiss(failure: ControlFailure): void;
  /** Ends it at once. */
  destroy(): void;
}

/**
 * Serves one client.
 *
 * CONNECTION-1 whatever the client sends or fails to read, nothing is thrown and no handler waits for it.
 * CONNECTION-2 each request is answered once; when the client disconnects, the signals of its requests are aborted.
 * CONNECTION-3 after anything that isn't a JSON line, or a line that is too long, nothing more is read: the two sides
 *    are out of sync.
 */
export function serveConnection(socket: WireSocket, handlers: ControlHandlers): Connection {
  const open = new Map<RequestId, AbortController>();
  let reading = true;
  let lineBytes = 0;

  const write = (message: object): boolean => {
    if (socket.destroyed || socket.writableEnded) return false;
    if (socket.writableLength > MAX_UNREAD_BYTES) {
      socket.destroy();
      return false;
    }
    return socket.write(`${JSON.stringify({ v: CONTROL_VERSION, ...message })}\n`);
  };
  const refuse = (id: RequestId | null, error: ControlFailure): void => {
    write({ id, ok: false, error });
  };
  const giveUp = (error: ControlFailure): void => {
    reading = false;
    refuse(null, error);
    socket.destroySoon();
  };

  const answer = async ({ id, wait, call }: CheckedRequest): Promise<void> => {
    const controller = new AbortController();
    open.set(id, controller);
    const { signal } = controller;
    const isOpen = (): boolean => open.get(id) === controller;
    const stream = (message: object): boolean => isOpen() && write({ id, ...message });
    try {
      const result = await call(handlers, {
        signal,
        wait,
        send: record => stream({ record }),
        notify: notice => stream({ notice }),
        drained: () => drained(socket, signal),
      });
      stream({ ok: true, result });
    } catch (error) {
      stream({ ok: false, error: toFailure(error) });
    }
    if (isOpen()) open.delete(id);
  };

  const onLine = (line: string): void => {
    if (!reading || line.trim() === '') return;
    const checked = checkRequest(line);
    if (checked.kind === 'garbage') giveUp(checked.error);
    else if (checked.kind === 'refused') refuse(checked.id, checked.error);
    else if (open.has(checked.id)) {
      refuse(checked.id, protocolFailure('bad_request', 'a request with this id is in progress'));
    } else if (open.size >= MAX_REQUESTS) {
      refuse(checked.id, protocolFailure('too_many_requests', `more than ${MAX_REQUESTS} requests at once`));
    } else void answer(checked);
  };

  const splitter = lineSplitter(onLine, MAX_REQUEST_BYTES + 1);
  socket.on('data', (chunk: Buffer) => {
    if (!reading) return;
    const newline = chunk.indexOf(0x0a);
    if (lineBytes + (newline === -1 ? chunk.length : newline) > MAX_REQUEST_BYTES) {
      return giveUp(
        protocolFailure('line_too_long', `a request may have at most ${MAX_REQUEST_BYTES} bytes`),
      );
    }
    lineBytes = newline === -1 ? lineBytes + chunk.length : chunk.length - 1 - chunk.lastIndexOf(0x0a);
    splitter.push(chunk);
  });
  socket.on('error', () => {}); // `close` follows
  const closed = new Promise<void>(resolve => {
    socket.once('close', () => {
      reading = false;
      const requests = [...open.values()];
      open.clear();
      for (const request of requests) request.abort(new OwnerGoneError('the client has disconnected'));
      resolve();
    });
  });

  return {
    get busy() {
      return open.size > 0;
    },
    closed,
    end(failure) {
      reading = false;
      const requests = [...open];
      open.clear();
      for (const [id] of requests) refuse(id, failure);
      if (requests.length === 0) refuse(null, failure);
      for (const [, request] of requests)
        request.abort(new OwnerGoneError('the owner is releasing the group'));
      socket.destroySoon();
    },
    dismiss(failure) {
      reading = false;
      refuse(null, failure);
      if (socket.writableLength > 0) socket.destroy();
      else socket.destroySoon();
    },
    destroy: () => void socket.destroy(),
  };
}
