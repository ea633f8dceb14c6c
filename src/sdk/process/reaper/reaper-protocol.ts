/** The reaper's end of the pipe for commands, as a file descriptor; on standard input may come its program. */
export const COMMANDS = 3;

/**
 * Has the reaper's own name, which no other has. In the environment of a host, it tells that the host was started in place
 * of a reaper.
 */
export const REAPER_VARIABLE = 'SESSION_GROUPS_REAPER';

/** What the reaper of this name prints once it watches. What only repeats its program doesn't know the name. */
export const answerOf = (name: string): string => `watching as ${name}\n`;

/** Milliseconds on the monotonic clock that all processes of a machine share. */
export const sharedMs = (): number => Number(process.hrtime.bigint() / 1_000_000n);
