import type { GroupEvent } from '../../sdk/group/journal/events.ts';
import { TranscriptReader, type TranscriptWords } from '../../words/transcript.ts';
import { cleanBlock } from '../text.ts';

/** An entry of a transcript, with its time. */
export type TimedWords = TranscriptWords & { readonly time: string };

/** A session's events as entries; with `running`, also the calls that have not ended. */
export function transcriptOf(
  events: Iterable<GroupEvent>,
  { reader = new TranscriptReader(), running = false } = {},
): TimedWords[] {
  const entries: TimedWords[] = [];
  for (const event of events) {
    const words = reader.read(event);
    if (words) entries.push({ ...words, time: event.time });
  }
  return running ? [...entries, ...reader.running()] : entries;
}

/** An entry as text: one line, or more for a message of several lines. @param output what a tool has returned, in short. */
export function entryLines({ kind, text, time }: TimedWords, output: readonly string[] = []): string[] {
  const [first = '', ...rest] = cleanBlock(kind === 'notice' ? text : `${PREFIX[kind]} ${text}`)
    .trimEnd()
    .split('\n');
  return [
    `${time.slice(0, 19).replace('T', ' ')}  ${first}`,
    ...rest.map(line => `${INDENT}${line}`),
    ...output.map(line => `${INDENT}  ${line}`),
  ];
}

/** A session's events as text. */
export const transcript = (events: readonly GroupEvent[]): string[] =>
  transcriptOf(events).flatMap(entry => entryLines(entry));

const PREFIX = { assistant: 'assistant:', user: 'user:', tool: 'tool' } as const;
const INDENT = ' '.repeat('2026-01-02 03:04:05  '.length);
