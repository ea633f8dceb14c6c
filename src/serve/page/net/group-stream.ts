import type { ApiError, GroupEvent, ProgressUpdate } from '../../api-types.ts';
import { type Api, ApiFailure, type StreamBody } from './api.ts';
import { SseParser } from './sse-parser.ts';

/** `ended`: the group is settled, no more events follow. `refused`: retrying would not help. */
export type StreamState = 'connecting' | 'live' | 'lost' | 'ended' | 'refused';

export interface StreamListener {
  /** Events are missing: the model of the group is out of date. */
  gap(): void;
  event(event: GroupEvent): void;
  progress(update: ProgressUpdate): void;
  state(state: StreamState, failure?: ApiFailure): void;
}

export interface GroupStream {
  /** Reconnects at once if it is waiting or has ended. */
  wake(): void;
  close(): void;
}

/** The server sends at least a ping every 15 seconds. */
const SILENCE_MS = 45_000;
const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 8_000;
const RECHECKS = 4;
const RECHECK_MS = 700;

/**
 * Follows a group from event `nextSeq` on. Reconnects with backoff after a loss and resumes after the last received
 * event: each event arrives exactly once.
 */
export function followGroup(api: Api, id: string, nextSeq: number, listener: StreamListener): GroupStream {
  let last = nextSeq - 1;
  let closed = false;
  let delay = FIRST_DELAY_MS;
  let cut = new AbortController();
  let wakeUp: (() => void) | undefined;
  /** Reconnects left after an `end`, because requested work may begin right after it. */
  let rechecks = 0;

  const rest = (ms?: number) =>
    new Promise<void>(resolve => {
      const timer = ms === undefined ? undefined : setTimeout(resolve, ms);
      wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  const take = (event: string, data: string) => {
    if (event === 'progress') listener.progress(JSON.parse(data) as ProgressUpdate);
    else if (event === 'event') {
      const happened = JSON.parse(data) as GroupEvent;
      if (happened.seq <= last) return;
      if (happened.seq > last + 1) listener.gap();
      last = happened.seq;
      listener.event(happened);
    }
  };

  /** Reads until the stream ends; true if the server said that no more events follow. */
  const read = async (body: StreamBody): Promise<boolean> => {
    const parser = new SseParser();
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const silence = setTimeout(() => cut.abort(), SILENCE_MS);
      const { done, value } = await reader.read().finally(() => clearTimeout(silence));
      if (done) return false;
      for (const { event, data } of parser.feed(value)) {
        if (event === 'end') return true;
        if (event === 'error') throw new ApiFailure(404, (JSON.parse(data) as ApiError).error);
        take(event, data);
      }
    }
  };

  const run = async () => {
    while (!closed) {
      cut = new AbortController();
      try {
        const headers: Record<string, string> = last < 0 ? {} : { 'Last-Event-ID': String(last) };
        const body = await api.stream(`/groups/${encodeURIComponent(id)}/events`, headers, cut.signal);
        listener.state('live');
        delay = FIRST_DELAY_MS;
        if (await read(body)) {
          listener.state('ended');
          cut.abort();
          await rest(rechecks > 0 ? RECHECK_MS : undefined);
          rechecks = Math.max(0, rechecks - 1);
          continue;
        }
      } catch (error) {
        if (closed) return;
        if (error instanceof ApiFailure && [401, 403, 404].includes(error.status)) {
          listener.state('refused', error);
          await rest();
          continue;
        }
      }
      if (closed) return;
      listener.state('lost');
      await rest(delay * (0.75 + Math.random() / 2));
      delay = Math.min(delay * 2, LONGEST_DELAY_MS);
    }
  };

  listener.state('connecting');
  void run();
  return {
    wake() {
      rechecks = RECHECKS;
      wakeUp?.();
    },
    close() {
      closed = true;
      cut.abort();
      wakeUp?.();
    },
  };
}
