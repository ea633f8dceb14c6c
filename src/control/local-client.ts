import type { SessionGroupHandle } from '../sdk/group/api/handle.ts';
import { eventLog } from './event-log.ts';
import { type ControlHandlers, groupHandlers } from './verbs.ts';
import type { ControlClient } from './wire/client.ts';

/** A group that this process runs itself, asked in the same words and with the same answers as another process's. */
export function localClient(group: SessionGroupHandle): ControlClient {
  const handlers: ControlHandlers = groupHandlers(group);
  /** From the first watcher on. */
  let log: ReturnType<typeof eventLog> | undefined;
  return {
    request(method, params, { signal = NEVER, wait = true } = {}) {
      const answer = handlers[method](params, { signal, wait, ...NO_STREAM });
      return signal === NEVER ? answer : untilAborted(answer, signal);
    },
    async *watch({ fromSeq = 0 } = {}, { signal = NEVER } = {}) {
      log ??= eventLog(group);
      const reader = log.reader(fromSeq);
      for (;;) {
        const events = await reader.next(signal);
        if (events === undefined) return;
        yield* events;
      }
    },
    close() {},
  };
}

const NEVER = new AbortController().signal;

/** None of the requests but `watch` sends anything before its answer. */
const NO_STREAM = { send: () => false, notify: () => false, drained: async () => {} };

/** Ends the waiting; what was asked for is not undone. */
export function untilAborted<T>(answer: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
