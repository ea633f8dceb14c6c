import { cleanBlock } from '../../sdk/clean-text.ts';
import { given } from '../../sdk/given.ts';
import { sessionLogs } from '../../sdk/group/delivery/session-log.ts';
import { isEvent } from '../../sdk/group/journal/records.ts';
import { isRehearsal } from '../../sdk/group/standing/rehearsal.ts';
import type { StoredGroup } from '../../sdk/group/store/store.ts';
import { readNewOutputs, readToolOutputs } from '../../sdk/session/stream-json/tool-outputs.ts';
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
  /** Also what tools have returned since then; empty: since the beginning. */
  readonly outputs?: string | undefined;
}

/** Lines of a session's transcript, oldest first. */
export async function sessionTranscript(
  id: string,
  sessionId: string,
  { tail, before = Number.POSITIVE_INFINITY, outputs: since }: Part,
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
  const outputs = since === undefined ? undefined : await latestOutputs(stored, sessionId, since);
  return given({ lines: shown, truncated: lines.length > tail, outputs });
}

const MOST_OUTPUTS = 50;
const LONGEST_OUTPUT = 2_000;

async function latestOutputs(
  { dir }: StoredGroup,
  sessionId: string,
  since: string,
): Promise<NonNullable<Transcript['outputs']>> {
  const path = sessionLogs(dir)(sessionId, 'transcript.ndjson') ?? '';
  const [file = 0, end = 0] = since.split('.').map(Number);
  const { outputs, cursor } = await readNewOutputs(path, { has: () => true }, partOf(0, LONGEST_OUTPUT), {
    after: { file, end },
    most: MOST_OUTPUTS,
  });
  return {
    latest: [...outputs].map(([toolUseId, part]) => ({ toolUseId, ...part })),
    next: `${cursor.file}.${cursor.end}`,
  };
}

const partOf =
  (offset: number, limit: number) =>
  (text: string): ToolOutputPage => {
    const whole = cleanBlock(text);
    return { text: whole.slice(offset, offset + limit), offset, total: whole.length };
  };

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
  const { outputs } = await readToolOutputs(path ?? '', new Set([tool]), partOf(offset, limit));
  const output = outputs.get(tool);
  if (output) return output;
  throw new HttpError(404, 'not_found', `no output of ${JSON.stringify(tool)} is kept`);
}
