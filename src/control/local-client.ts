import { untilAborted } from '../sdk/abort.ts';
import type { GroupEvent } from '../sdk/group/journal/events.ts';
import type { GroupRunner } from '../sdk/group/runner.ts';
import { type ControlHandlers, groupHandlers, type ParamsOf } from './verbs.ts';
import type { ControlClient, RequestOptions } from './wire/client.ts';
import { eachEvent } from './wire/event-batches.ts';

/** A client for a group that this process runs itself: same requests, same results as for another process's group. */
export function localClient(group: GroupRunner): ControlClient {
  const handlers: ControlHandlers = groupHandlers(group);
  return {
    request(method, params, { signal = NEVER, wait = true } = {}) {
      const answer = handlers[method](params, { signal, wait, ...NO_STREAM });
      return signal === NEVER ? answer : untilAborted(answer, signal);
    },
    watch: (params, options) => eachEvent(watchBatches(group, params, options)),
    watchBatches: (params, options) => watchBatches(group, params, options),
    progressSince: version => group.progressSince(version),
    close() {},
  };
}

async function* watchBatches(
  group: GroupRunner,
  { fromSeq = 0 }: ParamsOf<'watch'> = {},
  { signal = NEVER }: Pick<RequestOptions, 'signal'> = {},
): AsyncGenerator<readonly GroupEvent[], void, void> {
  const reader = group.settlingReader(fromSeq);
  try {
    for (let events = await reader.next(signal); events; events = await reader.next(signal)) yield events;
  } finally {
    reader.close();
  }
}

const NEVER = new AbortController().signal;

/** Only `watch` streams anything before its reply. */
const NO_STREAM = { send: () => false, notify: () => false, drained: async () => {} };
