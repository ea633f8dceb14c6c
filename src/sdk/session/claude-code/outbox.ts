import { createHash } from 'node:crypto';
import type { AttemptMessage } from '../agent.ts';
import { userMessage } from './speech.ts';

/**
 * Messages of people on their way to the client, under their ids as uuids. With `--replay-user-messages` it says of each
 * that the conversation has it: at the next request of a turn, or as a turn of its own. Of two with one uuid it takes one,
 * also if the first began a turn of an earlier process; it does not know the one that it took in the middle of a turn
 * (measured on 2.1.332).
 *
 * OUTBOX-1 what the client has not confirmed is written again to each client that follows, in order.
 * OUTBOX-2 nothing is written before the prompt, and nothing once the client has been told that there is no more.
 */
export class Outbox {
  readonly #unconfirmed = new Map<string, AttemptMessage>();
  #write: ((line: string) => void) | undefined;

  get isEmpty(): boolean {
    return this.#unconfirmed.size === 0;
  }

  send(message: AttemptMessage): void {
    const uuid = uuidOf(message.id);
    this.#unconfirmed.set(uuid, message);
    this.#write?.(userMessage(message.text, true, uuid));
  }

  /** A client has its prompt. */
  open(write: (line: string) => void): void {
    this.#write = write;
    for (const [uuid, { text }] of this.#unconfirmed) write(userMessage(text, true, uuid));
  }

  /** It takes no more. */
  close(): void {
    this.#write = undefined;
  }

  /** The id of the message that the client has confirmed; undefined if it was none. */
  confirmed(uuid: string): string | undefined {
    const message = this.#unconfirmed.get(uuid);
    this.#unconfirmed.delete(uuid);
    return message?.id;
  }
}

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** The client takes nothing else for an id. */
function uuidOf(id: string): string {
  if (UUID.test(id)) return id.toLowerCase();
  const hex = createHash('sha256').update(id).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
