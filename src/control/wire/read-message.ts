import { ControlMessage } from './protocol.ts';

/** High, because the status of a large group is long. */
export const MAX_REPLY_BYTES = 256 * 1024 * 1024;

/** Parses a message from the owner; undefined if it isn't one. */
export function readMessage(line: string): ControlMessage | undefined {
  try {
    return ControlMessage.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
