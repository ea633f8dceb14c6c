import { createHash, randomUUID } from 'node:crypto';
import { processStartTime } from './process-identity.ts';

/** Identifies an attempt within a data folder. */
interface AttemptName {
  readonly groupId: string;
  readonly sessionId: string;
  readonly attempt: number;
}

/**
 * `groupId:sessionId:attempt:random:enginePid:engineStart`. Groups in two data folders can share an id, so the
 * marker also names the engine that the attempt belongs to; `engineStart` is a digest of its start time.
 */
export function markerOf(attempt: AttemptName): string {
  self ??= `${process.pid}:${digest(processStartTime(process.pid) ?? 'unknown')}`;
  return `${attempt.groupId}:${attempt.sessionId}:${attempt.attempt}:${randomUUID()}:${self}`;
}

let self: string | undefined;

/** Whether the engine that created this marker is alive, and so may still be running the attempt. */
export function hasLiveEngine(marker: string): boolean {
  const [start, pid] = marker.split(':').reverse();
  const startTime = processStartTime(Number(pid));
  return startTime !== undefined && digest(startTime) === start;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
