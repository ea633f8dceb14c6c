import { untilAborted } from '../../sdk/abort.ts';
import { type Clock, systemClock } from '../../sdk/clock.ts';
import { given } from '../../sdk/given.ts';
import type { GroupEvent } from '../../sdk/group/journal/events.ts';
import type { GroupRunner } from '../../sdk/group/runner.ts';
import { lineSplitter } from '../../sdk/process/line-splitter.ts';
import { VERBS, type WireVerb } from '../../words/verbs.ts';
import type { ControlResults, ParamsOf } from '../verbs.ts';
import { type EventBatches, eachEvent } from './event-batches.ts';
import { fromFailure, isNotAnswering, OwnerGoneError, ownerNotAnswering } from './failure.ts';
import { openSocket } from './open-socket.ts';
import {
  CONTROL_VERSION,
  type ControlReply,
  MAX_REPLY_BYTES,
  type RequestId,
  readMessage,
} from './protocol.ts';
import { type Sockets, systemSockets, type WireSocket } from './sockets.ts';
import { watchEvents } from './watch-events.ts';

export interface RequestOptions {
  /** Stops waiting, with the signal's reason; the request itself is not undone. */
  readonly signal?: AbortSignal;
  /** false: reply as soon as the request is accepted. Default: true. */
  readonly wait?: boolean;
}

/** A client of the process that runs a group. */
export interface ControlClient {
  /**
   * @throws the owner's error, typed; OwnerGoneError if the connection breaks; RefusedError `owner_not_answering` if
   * the owner does not answer, and then it never carries the request out. Once it has taken one that changes the group,
   * the client waits without a limit.
   */
  request<M extends WireVerb>(
    method: M,
    params: ParamsOf<M>,
    options?: RequestOptions,
  ): Promise<ControlResults[M]>;
  /**
   * The events of the group from `fromSeq` (default: the first), then live, without a gap, to the last. Uses a separate
   * connection, so that a slow reader delays nothing else.
   */
  watch(params?: ParamsOf<'watch'>, options?: Pick<RequestOptions, 'signal'>): AsyncIterable<GroupEvent>;
  /** The same, as many at a time as have arrived; none is empty. */
  watchBatches(params?: ParamsOf<'watch'>, options?: Pick<RequestOptions, 'signal'>): EventBatches;
  /**
   * Only of a group that this process runs: its progress with no more than the sessions that may have changed since that
   * version, apart from their durations, and the version now; -1 asks for all of them, in order.
   */
  progressSince?(version: number): ReturnType<GroupRunner['progressSince']>;
  close(): void;
}

export interface ConnectOptions {
  readonly signal?: AbortSignal;
  /** The time in which the owner must answer what it can answer at once, in milliseconds. Default: 10,000. */
  readonly patienceMs?: number;
  /** Default: the system clock. */
  readonly clock?: Clock;
  /** Default: the system's sockets. */
  readonly sockets?: Sockets;
}

/** @throws OwnerGoneError if no process listens at the address. */
export async function connectControl(address: string, options: ConnectOptions = {}): Promise<ControlClient> {
  const { signal, patienceMs = 10_000, clock = systemClock, sockets = systemSockets } = options;
  const requests = pendingRequests(await openSocket(sockets, address, signal), { patienceMs, clock });
  return {
    request: requests.send,
    watch: (params = {}, options = {}) =>
      eachEvent(watchEvents(sockets, address, params, options), options.signal),
    watchBatches: (params = {}, options = {}) => watchEvents(sockets, address, params, options),
    close: requests.close,
  };
}

interface Pending {
  resolve(result: unknown): void;
  reject(reason: unknown): void;
}

/**
 * CLIENT-1 a request that changes the group is sent only once its owner has answered a probe on the same connection: none
 *    waits in the socket of a process that does not run, to be carried out when nobody expects it any more. A deadline in
 *    the request would need a clock that both share, and an owner that knows it; what is sent is waited for, so whoever
 *    asks is never wrong about what became of it.
 */
function pendingRequests(
  socket: WireSocket,
  { patienceMs, clock }: { readonly patienceMs: number; readonly clock: Clock },
) {
  const pending = new Map<RequestId, Pending>();
  let nextId = 1;
  let gone: Error | undefined;

  const fail = (error: Error): void => {
    gone ??= error;
    const waiting = [...pending.values()];
    pending.clear();
    for (const { reject } of waiting) reject(gone);
    socket.destroy();
  };
  const onReply = (reply: ControlReply): void => {
    const request = reply.id === null ? undefined : pending.get(reply.id);
    if (reply.ok) request?.resolve(reply.result);
    else if (reply.id === null) fail(fromFailure(reply.error));
    else request?.reject(fromFailure(reply.error));
  };
  const onLine = (line: string): void => {
    const message = readMessage(line);
    if (message === undefined) fail(new OwnerGoneError('the owner sent a message that cannot be read'));
    else if ('ok' in message) onReply(message);
  };
  const splitter = lineSplitter(onLine, MAX_REPLY_BYTES);
  socket.on('data', chunk => splitter.push(chunk));
  socket.on('error', error => fail(new OwnerGoneError(undefined, error)));
  socket.on('close', () => fail(new OwnerGoneError()));

  const exchange = async <M extends WireVerb>(
    method: M,
    params: ParamsOf<M>,
    { signal, wait }: RequestOptions,
    limitMs?: number,
  ): Promise<ControlResults[M]> => {
    signal?.throwIfAborted();
    if (gone) throw gone;
    const id = nextId++;
    let timer: unknown;
    try {
      const reply = new Promise((resolve, reject) => {
        pending.set(id, { resolve, reject });
        const request = given({ v: CONTROL_VERSION, id, method, params, wait });
        socket.write(`${JSON.stringify(request)}\n`);
        if (limitMs !== undefined) timer = clock.setTimeout(() => reject(ownerNotAnswering()), limitMs);
      });
      return (await (signal ? untilAborted(reply, signal) : reply)) as ControlResults[M];
    } finally {
      clock.clearTimeout(timer);
      pending.delete(id);
    }
  };
  const probe = async (options: RequestOptions): Promise<void> => {
    try {
      await exchange('why', {}, options, patienceMs);
    } catch (error) {
      // A refusal is an answer, too.
      if (gone || options.signal?.aborted || isNotAnswering(error)) throw error;
    }
  };
  const send: ControlClient['request'] = async (method, params, options = {}) => {
    if (!VERBS[method].changes) return exchange(method, params, options, patienceMs);
    await probe(given({ signal: options.signal }));
    return exchange(method, params, options);
  };
  return { send, close: () => fail(new OwnerGoneError('this client was closed')) };
}
