/**
 * The reaper (reaper-main.ts) as one self-contained CommonJS script, so that it can be started wherever this module went:
 * a bundle has no files beside it. Empty in the sources: `npm run build` writes it into the compiled module.
 */
export const REAPER_PROGRAM: string = '';
