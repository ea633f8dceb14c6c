import { join } from 'node:path';
import { appendingFile } from '../process/appending-file.ts';
import type { SpawnSpec } from '../process/process.ts';
import type { AgentEvent, AttemptSpec } from './agent.ts';
import { redactedStream } from './reports/redacted-stream.ts';
import { redactedLine, redactor } from './reports/redaction.ts';

/** The files in a session's folder to which each of its attempts appends. */
const STDERR = 'stderr.log';
const TRANSCRIPT = 'transcript.ndjson';
const TRANSCRIPT_MIB = 32;

type Sink = (event: AgentEvent) => void;

/** What is kept of one program's stderr has no secrets, and where it goes; a bound that is reached becomes a warning. */
export function stderrLog(
  { logDir, secrets }: Pick<AttemptSpec, 'logDir' | 'secrets'>,
  sink: Sink,
): Pick<SpawnSpec, 'stderrFile' | 'stderrFilter' | 'onStderrLeftOut'> {
  const stderrFilter = redactedStream(secrets);
  if (logDir === undefined) return { stderrFilter };
  return {
    stderrFile: join(logDir, STDERR),
    stderrFilter,
    onStderrLeftOut: () => sink(leftOut(STDERR)),
  };
}

/** The lines between the engine and the client, as far as they are recorded, without secrets. */
export function transcriptLog(
  { logDir, secrets }: Pick<AttemptSpec, 'logDir' | 'secrets'>,
  sink: Sink,
): { write(line: string): void; close(): void } | undefined {
  if (logDir === undefined) return undefined;
  const redact = redactor(secrets);
  const file = appendingFile(join(logDir, TRANSCRIPT), {
    maxBytes: TRANSCRIPT_MIB * 1024 * 1024,
    note: bytes =>
      JSON.stringify({
        type: 'session_groups',
        subtype: 'left_out',
        bytes,
        message: `this file keeps the beginning and the end, at most ${TRANSCRIPT_MIB} MiB`,
      }),
    onLeftOut: () => sink(leftOut(TRANSCRIPT)),
  });
  return { write: line => file.write(Buffer.from(redactedLine(line, redact))), close: () => file.close() };
}

const leftOut = (file: string): AgentEvent => ({
  type: 'warning',
  message: `${file} became too large: it keeps the beginning and the end, and says how much was left out`,
});
