import { fileURLToPath } from 'node:url';

export const BENCH = fileURLToPath(new URL('..', import.meta.url));
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** The build that is measured. */
export const DIST = process.env.SESSION_GROUPS_DIST ?? `${ROOT}dist`;
