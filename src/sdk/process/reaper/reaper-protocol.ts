/** The reaper's end of the pipe for commands, as a file descriptor; on standard input may come its program. */
export const COMMANDS = 3;

/** What the reaper prints once it watches. */
export const ANSWER = 'watching\n';
