/**
 * What the engine sends, one per line: `+` and the marker when an attempt begins, `-` and the marker when it ends;
 * `=`, the marker and `pid@start` of each process that was seen and that the marker doesn't show.
 */
export type ReaperCommand = `+${string}` | `-${string}` | `=${string}`;

/** The reaper's end of the pipe for commands, as a file descriptor; on standard input may come its program. */
export const COMMANDS = 3;

/** What the reaper prints once it watches. */
export const ANSWER = 'watching\n';
