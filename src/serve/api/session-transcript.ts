import { cleanBlock } from '../../sdk/clean-text.ts';
import { isEvent } from '../../sdk/group/journal/records.ts';
import { transcriptWords } from '../../words/transcript.ts';
import type { Transcript, TranscriptLine } from '../api-types.ts';
import { checkSession } from './session-of.ts';
import type { ApiWorld } from './world.ts';

/** The last `tail` lines of a session's transcript, oldest first. */
export async function sessionTranscript(
  id: string,
  sessionId: string,
  tail: number,
  { access }: ApiWorld,
): Promise<Transcript> {
  const stored = await access.read(id);
  checkSession(sessionId, stored);
  const lines: TranscriptLine[] = [];
  let truncated = false;
  for (const record of stored.records.toReversed()) {
    if (!isEvent(record) || !('sessionId' in record) || record.sessionId !== sessionId) continue;
    const words = transcriptWords(record);
    if (words === undefined) continue;
    truncated = lines.length === tail;
    if (truncated) break;
    lines.push({ kind: words.kind, text: cleanBlock(words.text).trimEnd(), time: record.time });
  }
  return { lines: lines.reverse(), truncated };
}
