import { randomUUID } from 'node:crypto';
import type { AttemptSpec } from './agent.ts';

/**
 * Every process of an attempt inherits this variable, also those that leave its process group, so that
 * whoever cleans up can tell whose they are. The value is unique per attempt.
 */
export const MARKER_VARIABLE = 'SESSION_GROUPS_MARKER';

/** `groupId:sessionId:attempt:random`; no part but the last is needed to be unique. */
export function markerOf(spec: AttemptSpec): string {
  return `${spec.groupId}:${spec.sessionId}:${spec.attempt}:${randomUUID()}`;
}
