import type { GroupEvent } from '../../sdk/group/journal/events.ts';
import { transcriptWords } from '../../words/transcript.ts';
import { cleanBlock } from '../text.ts';

/** A session's events as text: one line each, or more for a message of several lines. */
export function transcript(events: readonly GroupEvent[]): string[] {
  return events.flatMap(event => {
    const words = transcriptWords(event);
    if (words === undefined) return [];
    const text = words.kind === 'notice' ? words.text : `${PREFIX[words.kind]} ${words.text}`;
    const [first = '', ...rest] = cleanBlock(text).trimEnd().split('\n');
    return [
      `${event.time.slice(0, 19).replace('T', ' ')}  ${first}`,
      ...rest.map(line => `${INDENT}${line}`),
    ];
  });
}

const PREFIX = { assistant: 'assistant:', user: 'user:', tool: 'tool' } as const;
const INDENT = ' '.repeat('2026-01-02 03:04:05  '.length);
