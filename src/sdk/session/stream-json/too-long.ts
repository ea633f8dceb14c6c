import type { AttemptEnd } from '../agent.ts';

/** A message of a program; longer ones end its attempt. */
export const LONGEST_MESSAGE_BYTES = 64 * 1024 * 1024;

/** The newline of a message that is too long may never come, so the attempt ends at once. */
export const tooLong = (program: string) =>
  ({
    outcome: 'failed',
    code: 'message_too_long',
    message: `${program} printed a line of over ${LONGEST_MESSAGE_BYTES / 1024 / 1024} MiB`,
  }) as const satisfies AttemptEnd;
