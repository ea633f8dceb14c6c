/**
 * Every process of an attempt inherits this variable, even if it leaves the process group, so that cleanup can tell
 * which attempt it belongs to. The value is unique per attempt (attempt-marker.ts).
 */
export const MARKER_VARIABLE = 'SESSION_GROUPS_MARKER';
