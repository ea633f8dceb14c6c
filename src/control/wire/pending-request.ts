import type { JournalRecord } from '../../sdk/group/journal/records.ts';
import type { SessionProgress } from '../../sdk/group/progress/progress.ts';

/** A permission request of a session. */
export interface PermissionRequest {
  readonly requestId: string;
  readonly tool: string;
  readonly input?: Readonly<Record<string, unknown>>;
}

/** The session's open permission request, with its input from the journal. */
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
