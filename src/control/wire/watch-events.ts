import type { GroupEvent } from '../../sdk/group/journal/events.ts';
import { lineSplitter } from '../../sdk/process/line-splitter.ts';
import type { ParamsOf } from '../verbs.ts';
import { fromFailure, OwnerGoneError } from './failure.ts';
import { openSocket } from './open-socket.ts';
import { CONTROL_VERSION, MAX_REPLY_BYTES, readMessage } from './protocol.ts';
import type { Sockets, WireSocket } from './sockets.ts';

/**
 * The events of a group that another process runs, as many at a time as arrive. Reads only on demand: a slow reader holds
 * back its stream, not the owner.
 *
 * @throws the owner's error; OwnerGoneError if the connection breaks; the signal's reason.
 */
export async function* watchEvents(
  sockets: Sockets,
  address: string,
  params: ParamsOf<'watch'>,
  { signal }: { readonly signal?: AbortSignal },
): AsyncGenerator<readonly GroupEvent[], void, void> {
  const socket = await openSocket(sockets, address, signal);
  const onAbort = (): void => void socket.destroy();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    socket.write(`${JSON.stringify({ v: CONTROL_VERSION, id: 1, method: 'watch', params })}\n`);
    for await (const lines of linesOf(socket)) {
      const { events, end } = readLines(lines);
      if (events.length > 0) yield events;
      signal?.throwIfAborted();
      if (end?.ok) return;
      if (end) throw end.error;
    }
    throw new OwnerGoneError();
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', onAbort);
    socket.destroy();
  }
}

/** The events in these lines, up to the owner's last word. */
function readLines(lines: readonly string[]): { readonly events: readonly GroupEvent[]; readonly end?: End } {
  const events: GroupEvent[] = [];
  for (const line of lines) {
    const message = readMessage(line);
    if (message === undefined) {
      const error = new OwnerGoneError('the owner sent a message that cannot be read');
      return { events, end: { ok: false, error } };
    }
    if ('record' in message) events.push(message.record as unknown as GroupEvent);
    else if ('ok' in message) {
      return { events, end: message.ok ? message : { ok: false, error: fromFailure(message.error) } };
    }
  }
  return { events };
}

type End = { readonly ok: true } | { readonly ok: false; readonly error: Error };

async function* linesOf(socket: WireSocket): AsyncGenerator<readonly string[], void, void> {
  let lines: string[] = [];
  const splitter = lineSplitter(line => lines.push(line), MAX_REPLY_BYTES);
  try {
    for await (const chunk of socket) {
      splitter.push(chunk);
      const complete = lines;
      lines = [];
      if (complete.length > 0) yield complete;
    }
  } catch (error) {
    throw new OwnerGoneError(undefined, error);
  }
}
