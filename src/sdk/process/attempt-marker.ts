import { createHash, randomUUID } from 'node:crypto';
import { processStartTime } from './process-identity.ts';

/** Identifies an attempt within a data folder. */
export interface AttemptName {
  readonly groupId: string;
  readonly sessionId: string;
  readonly attempt: number;
}

/** `groupId:sessionId:attempt:random:enginePid:engineStart`. */
export const markerOf = (name: AttemptName): string => uniqueMarker(wordOf(name));

/** What all markers of an attempt begin with, and those of no other. */
export const beginningOf = (name: AttemptName): string => `${wordOf(name)}:`;

const wordOf = ({ groupId, sessionId, attempt }: AttemptName): string => `${groupId}:${sessionId}:${attempt}`;

/**
 * `what:random:enginePid:engineStart`, different each time: whatever has a marker is ended with it. Groups in two data
 * folders can share an id, so it also names the engine that starts it; `engineStart` is a digest of its start time.
 */
export function uniqueMarker(what: string): string {
  self ??= `${process.pid}:${digest(processStartTime(process.pid) ?? 'unknown')}`;
  return `${what}:${randomUUID()}:${self}`;
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
