/**
 * Every process of an attempt inherits this variable, also those that leave its process group, so that
 * whoever cleans up can tell whose they are. The value is unique per attempt (attempt-marker.ts).
 */
export const MARKER_VARIABLE = 'SESSION_GROUPS_MARKER';
