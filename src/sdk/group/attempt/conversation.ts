import { randomUUID } from 'node:crypto';
import type { AgentEvent, AttemptSpec } from '../../session/agent.ts';
import type { SessionFold } from '../journal/fold-session.ts';

/** As one flat string: Node puts it together from some twenty pieces, which would be kept as long as the id. */
const newId = (): string => Buffer.from(randomUUID(), 'latin1').toString('latin1');

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

  /** Its last attempt lives on elsewhere: it was not cut off. */
  adopted(): void {
    this.#cutByCrash = false;
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
