import { createHash } from 'node:crypto';
import { processStartTime } from '../../../../src/sdk/process/process-identity.ts';

interface Marked {
  readonly groupId: string;
  readonly sessionId: string;
  readonly attempt: number;
}

/** As in attempt-marker.ts, for an engine that is simulated. */
export function markerOf({ groupId, sessionId, attempt }: Marked, pid: number, run: number): string {
  const start = createHash('sha256')
    .update(processStartTime(pid) ?? 'unknown')
    .digest('hex')
    .slice(0, 16);
  return `${groupId}:${sessionId}:${attempt}:${run}:${pid}:${start}`;
}
