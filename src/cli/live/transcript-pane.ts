import { sessionLogs } from '../../sdk/group/delivery/session-log.ts';
import type { GroupEvent } from '../../sdk/group/journal/events.ts';
import { TranscriptReader } from '../../words/transcript.ts';
import type { ShownGroup } from '../services.ts';
import { ToolOutputs } from '../show/tool-outputs.ts';
import { entryLines, type TimedWords, transcriptOf } from '../show/transcript.ts';

/** A session's transcript that goes on while it is shown. */
export interface TranscriptPane {
  /** Sanitized. */
  lines(): readonly string[];
  close(): void;
}

/** Earlier ones are in `session logs`. */
const MOST_LINES = 2_000;
const LONGEST_LINE = 2_000;

/**
 * Reads a session's events from the beginning, and then as they come, with what its tools have returned, in short.
 * @param onChange called when there are other lines.
 */
export function openTranscript(group: ShownGroup, id: string, onChange: () => void): TranscriptPane {
  const reader = new TranscriptReader();
  const outputs = new ToolOutputs(() => sessionLogs(group.dir)(id, 'transcript.ndjson'), true);
  let lines: string[] = [];
  let state = 'Reading …';
  let isClosed = false;
  let next = 0;

  const put = (more: readonly string[]) => {
    lines.push(...more.map(line => line.slice(0, LONGEST_LINE)));
    if (lines.length > 2 * MOST_LINES) lines = lines.slice(-MOST_LINES);
  };
  const read = async (entry: TimedWords) => {
    if (entry.toolUseId !== undefined) await outputs.read(new Set([entry.toolUseId])).catch(() => {});
    put(entryLines(entry, outputs.of(entry.toolUseId ?? '')));
  };
  const take = async (event: GroupEvent) => {
    if (event.seq < next) return;
    next = event.seq + 1;
    if (!('sessionId' in event) || event.sessionId !== id) return;
    for (const entry of transcriptOf([event], { reader })) await read(entry);
  };

  let work = Promise.resolve();
  const subscription = group.events$.subscribe({
    next: event => {
      if (!('sessionId' in event) || event.sessionId !== id) return;
      work = work.then(async () => {
        if (isClosed) return;
        await take(event);
        onChange();
      });
    },
    error: () => {},
  });
  work = (async () => {
    try {
      for await (const event of group.history(0)) {
        if (isClosed) return;
        await take(event);
      }
      state = '';
    } catch (error) {
      state = `Its history cannot be read: ${error instanceof Error ? error.message : error}`;
    }
    onChange();
  })();

  return {
    lines() {
      const shown = lines.slice(-MOST_LINES);
      if (state !== '') return [...shown, state];
      const running = reader.running().flatMap(entry => entryLines(entry));
      if (shown.length + running.length === 0) return ['Nothing has happened yet.'];
      return [...shown, ...running];
    },
    close() {
      isClosed = true;
      subscription.unsubscribe();
    },
  };
}
