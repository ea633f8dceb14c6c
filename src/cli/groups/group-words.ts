/** The newest group that is not archived, in whatever state. */
export const LATEST = '@latest';
/** The one group that is live: what a command means that names none. */
export const ONLY_LIVE = '@live';
