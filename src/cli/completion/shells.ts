/** The shells that can be completed in. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** The first argument of the command line that asks what can be written next; the words so far follow. */
export const COMPLETE = '__complete';
