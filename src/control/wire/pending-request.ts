import type { JournalRecord } from '../../sdk/group/journal/records.ts';
import type { SessionProgress } from '../../sdk/group/progress/progress.ts';

/** A permission that a session asks for. */
export interface PermissionRequest {
  readonly requestId: string;
  readonly tool: string;
  readonly input?: Readonly<Record<string, unknown>>;
}

/** What the session waits for a person to allow, with the input that the journal has of it. */
export function pendingRequest(
  records: readonly JournalRecord[],
  { id, why }: Pick<SessionProgress, 'id' | 'why'>,
): PermissionRequest | undefined {
  if (why?.kind !== 'approval') return undefined;
  const asked = records.findLast(
    record =>
      record.type === 'approval_requested' && record.sessionId === id && record.requestId === why.requestId,
  );
  return asked?.type === 'approval_requested' ? asked : { requestId: why.requestId, tool: why.tool };
}
