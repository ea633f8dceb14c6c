import { cleanBlock } from '../../sdk/clean-text.ts';
import { sessionLogs } from '../../sdk/group/delivery/session-log.ts';
import { isEvent } from '../../sdk/group/journal/records.ts';
import { isRehearsal } from '../../sdk/group/standing/rehearsal.ts';
import { readToolOutputs } from '../../sdk/session/stream-json/tool-outputs.ts';
import { TranscriptReader } from '../../words/transcript.ts';
import type { ToolOutputPage, Transcript, TranscriptLine } from '../api-types.ts';
import { HttpError } from '../http/api-error.ts';
import { checkSession } from './session-of.ts';
import type { ApiWorld } from './world.ts';

/** Which part of a transcript: the last lines, or the last of those before one. */
interface Part {
  readonly tail: number;
  /** The `seq` of a line. Default: to the end. */
  readonly before?: number | undefined;
}

/** Lines of a session's transcript, oldest first. */
export async function sessionTranscript(
  id: string,
  sessionId: string,
  { tail, before = Number.POSITIVE_INFINITY }: Part,
  { access }: ApiWorld,
): Promise<Transcript> {
  const stored = await access.read(id);
  checkSession(sessionId, stored);
  const reader = new TranscriptReader({ rehearsal: isRehearsal(stored.group) });
  const lines: TranscriptLine[] = [];
  for (const record of stored.records) {
    if (!isEvent(record) || !('sessionId' in record) || record.sessionId !== sessionId) continue;
    if (record.seq >= before) break;
    const words = reader.read(record);
    if (words === undefined) continue;
    lines.push({ ...words, seq: record.seq, time: record.time });
  }
  if (before === Number.POSITIVE_INFINITY && stored.owner?.alive) lines.push(...reader.running());
  const shown = lines.slice(-tail).map(line => ({ ...line, text: cleanBlock(line.text).trimEnd() }));
  return { lines: shown, truncated: lines.length > tail };
}

/** What a tool has returned: `limit` characters from `offset` on. */
export async function toolOutput(
  id: string,
  sessionId: string,
  { tool, offset, limit }: { readonly tool: string; readonly offset: number; readonly limit: number },
  { access }: ApiWorld,
): Promise<ToolOutputPage> {
  const stored = await access.read(id);
  checkSession(sessionId, stored);
  const path = sessionLogs(stored.dir)(sessionId, 'transcript.ndjson');
  const { outputs } = await readToolOutputs(path ?? '', new Set([tool]), text => {
    const part = cleanBlock(text);
    return { text: part.slice(offset, offset + limit), offset, total: part.length };
  });
  const output = outputs.get(tool);
  if (output) return output;
  throw new HttpError(404, 'not_found', `no output of ${JSON.stringify(tool)} is kept`);
}
