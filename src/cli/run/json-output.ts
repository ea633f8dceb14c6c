import type { SessionResult } from '../../sdk/group/progress/progress.ts';
import type { ShownResult } from '../groups/status.ts';
import { drained, type OutputStream } from '../io.ts';
import type { ShownGroup } from '../services.ts';
import { jsonLine } from '../text.ts';

export interface JsonOutput {
  /** Writes the pending lines, then the last line if given. */
  finish(lastLine?: Record<string, unknown>): Promise<void>;
}

/**
 * Writes every event as a line on stdout. A slow reader never slows the run: lines are queued, and a queued
 * `session_progress` is replaced by the session's next one, which bounds the queue. Nothing else is dropped; `seq`
 * shows the gap.
 */
export function startJsonOutput(handle: ShownGroup, stdout: OutputStream): JsonOutput {
  const queued = new Map<string, string>();
  let blocked = false;
  let writing: Promise<void> = Promise.resolve();

  const put = (key: string, line: string) => {
    if (!blocked) {
      blocked = !stdout.write(line);
      if (blocked) writing = drain();
      return;
    }
    // Deleted first: a Map keeps the position of a key that is set again, and lines must stay in order.
    queued.delete(key);
    queued.set(key, line);
  };

  const drain = async () => {
    while (blocked && !gone(stdout)) {
      await drained(stdout);
      blocked = false;
      for (const [key, line] of queued) {
        queued.delete(key);
        blocked = !stdout.write(line);
        if (blocked) break;
      }
    }
  };

  const subscription = handle.events$.subscribe({
    next: event => {
      const key = event.type === 'session_progress' ? `progress ${event.sessionId}` : String(event.seq);
      put(key, jsonLine(event));
    },
    error: () => {},
  });

  return {
    async finish(lastLine) {
      subscription.unsubscribe();
      if (lastLine !== undefined) put('last', jsonLine(lastLine));
      await writing;
    },
  };
}

/** The last line of `--json`: the result, without the sessions' texts. */
export function resultLine(result: ShownResult): Record<string, unknown> {
  const sessions = Object.fromEntries(
    Object.entries(result.sessions).map(([id, session]) => [id, withoutText(session)]),
  );
  return { type: 'result', ...result, sessions };
}

function withoutText({ forEach, status, reason, error, costUsd, attempts, branch }: SessionResult) {
  return { forEach, status, reason, error, costUsd, attempts, branch };
}

const gone = (stdout: OutputStream) => stdout.destroyed || stdout.errored !== null;
