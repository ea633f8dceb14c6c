import { randomFillSync } from 'node:crypto';
import type { AgentEvent, AttemptSpec } from '../../session/agent.ts';
import type { SessionFold } from '../journal/fold-session.ts';

/** Random bytes for the next ids, made for many at once. */
const POOL = Buffer.alloc(128 * 16);
let taken = POOL.length;
const HEX = Buffer.from('0123456789abcdef', 'latin1');
const TEXT = Buffer.alloc(36, '-');

/**
 * A random UUID (RFC 9562, version 4), as one flat string: `randomUUID` puts it together from some twenty pieces, which
 * would be kept as long as the id.
 */
function newId(): string {
  if (taken === POOL.length) {
    randomFillSync(POOL);
    taken = 0;
  }
  let to = 0;
  for (let at = 0; at < 16; at++) {
    let byte = POOL[taken] ?? 0;
    POOL[taken++] = 0;
    if (at === 6) byte = (byte & 0x0f) | 0x40;
    if (at === 8) byte = (byte & 0x3f) | 0x80;
    if (at === 4 || at === 6 || at === 8 || at === 10) to++; // a hyphen
    TEXT[to++] = HEX[byte >> 4] ?? 0;
    TEXT[to++] = HEX[byte & 15] ?? 0;
  }
  return TEXT.toString('latin1');
}

type Started = Pick<Extract<AgentEvent, { type: 'started' }>, 'startedOver' | 'conversationId'>;

/** The conversation of the next attempt. */
export interface NextConversation {
  readonly spec: AttemptSpec['conversation'];
  /** There was a conversation, but the agent can't resume it. */
  readonly startsOver: boolean;
}

/** A session's conversation with its agent: begun once, and resumed from then on (I14). */
export class Conversation {
  #id: string | undefined;
  #exists = false;
  #cutByCrash = false;

  /** Restores the state from a journal. */
  restore({ conversation, conversationExists, status }: SessionFold): void {
    if (conversation !== undefined) this.#id = conversation;
    this.#exists = conversationExists;
    // In any other status, the attempt was ended on purpose, or was about to be.
    this.#cutByCrash = status === 'running' || status === 'awaiting_approval';
  }

  /** The agent has confirmed that the conversation exists, or has begun another one instead of resuming it. */
  begun({ startedOver, conversationId }: Started): void {
    if (startedOver) this.#id = conversationId;
    this.#exists = true;
  }

  /** The next attempt begins a new conversation. */
  forget(): void {
    this.#id = undefined;
    this.#exists = false;
  }

  /** Has no side effects: the attempt may not start after all. */
  next(canResume: boolean): NextConversation {
    const startsOver = this.#exists && !canResume;
    if (startsOver) return { spec: { id: newId(), exists: false, resume: false }, startsOver };
    this.#id ??= newId();
    const spec = { id: this.#id, exists: this.#exists, resume: this.#exists };
    if (!this.#exists || !this.#cutByCrash) return { spec, startsOver };
    return { spec: { ...spec, interruptedTurn: true }, startsOver };
  }

  /** The attempt starts with this conversation. */
  take({ spec }: NextConversation): void {
    this.#id = spec.id;
    this.#exists = spec.exists;
    this.#cutByCrash = false;
  }
}
