import type { JournalRecord } from '../../sdk/group/journal.ts';
import type { SessionProgress } from '../../sdk/group/progress.ts';
import { cleanLine, cutToWidth } from '../text.ts';

/** A permission that a session asks for. */
export interface PermissionRequest {
  readonly requestId: string;
  readonly tool: string;
  readonly input?: Readonly<Record<string, unknown>>;
}

/** What the session waits for a person to allow, with the input that the journal has of it. */
export function pendingRequest(
  records: readonly JournalRecord[],
  { id, why }: SessionProgress,
): PermissionRequest | undefined {
  if (why?.kind !== 'approval') return undefined;
  const asked = records.findLast(
    record =>
      record.type === 'approval_requested' && record.sessionId === id && record.requestId === why.requestId,
  );
  return asked?.type === 'approval_requested' ? asked : { requestId: why.requestId, tool: why.tool };
}

const LONGEST_INPUT = 300;

/** `Bash: npm test`, `Write: {"file_path": …}`: the one argument by itself, several as JSON. */
export function requestWords({ tool, input = {} }: Omit<PermissionRequest, 'requestId'>): string {
  const name = cleanLine(tool);
  const values = Object.values(input);
  const [only] = values;
  if (only === undefined) return name;
  const text = values.length === 1 && typeof only === 'string' ? only : JSON.stringify(input);
  return `${name}: ${cutToWidth(cleanLine(text), LONGEST_INPUT, '...')}`;
}
