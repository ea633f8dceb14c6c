import { ControlMessage } from './protocol.ts';

/** The status of a large group is long. */
export const LONGEST_REPLY_BYTES = 256 * 1024 * 1024;

/** What the owner said; undefined for what is no message. */
export function readMessage(line: string): ControlMessage | undefined {
  try {
    return ControlMessage.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
