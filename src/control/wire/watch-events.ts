import type { GroupEvent } from '../../sdk/group/journal/events.ts';
import { lineSplitter } from '../../sdk/process/line-splitter.ts';
import type { ParamsOf } from '../verbs.ts';
import { fromFailure, OwnerGoneError } from './failure.ts';
import { openSocket } from './open-socket.ts';
import { CONTROL_VERSION, MAX_REPLY_BYTES, readMessage } from './protocol.ts';
import type { Sockets, WireSocket } from './sockets.ts';

/**
 * The events of a group that another process runs. Reads only on demand: a slow reader holds back its stream, not the
 * owner.
 *
 * @throws the owner's error; OwnerGoneError if the connection breaks; the signal's reason.
 */
export async function* watchEvents(
  sockets: Sockets,
  address: string,
  params: ParamsOf<'watch'>,
  { signal }: { readonly signal?: AbortSignal },
): AsyncGenerator<GroupEvent, void, void> {
  const socket = await openSocket(sockets, address, signal);
  const onAbort = (): void => void socket.destroy();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    socket.write(`${JSON.stringify({ v: CONTROL_VERSION, id: 1, method: 'watch', params })}\n`);
    for await (const line of linesOf(socket)) {
      const message = readMessage(line);
      if (message === undefined) throw new OwnerGoneError('the owner sent a message that cannot be read');
      if ('record' in message) yield message.record as unknown as GroupEvent;
      else if ('ok' in message) {
        if (message.ok) return;
        throw fromFailure(message.error);
      }
      signal?.throwIfAborted();
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

async function* linesOf(socket: WireSocket): AsyncGenerator<string, void, void> {
  let lines: string[] = [];
  const splitter = lineSplitter(line => lines.push(line), MAX_REPLY_BYTES);
  try {
    for await (const chunk of socket) {
      splitter.push(chunk);
      const complete = lines;
      lines = [];
      yield* complete;
    }
  } catch (error) {
    throw new OwnerGoneError(undefined, error);
  }
}
