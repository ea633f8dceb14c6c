import { randomUUID } from 'node:crypto';
import type { AttemptSpec } from '../../session/agent.ts';
import type { SessionFold } from '../journal/fold-session.ts';

/** What the next attempt does with the conversation. */
export interface NextConversation {
  readonly spec: AttemptSpec['conversation'];
  /** The agent had one, and cannot go on with it. */
  readonly startsOver: boolean;
}

/** A session's conversation with its agent: one is begun, and gone on with from then on (I14). */
export class Conversation {
  #id: string = randomUUID();
  #exists = false;
  #cutByCrash = false;

  /** As a journal left it. */
  restore({ conversation, conversationExists, status }: SessionFold): void {
    if (conversation !== undefined) this.#id = conversation;
    this.#exists = conversationExists;
    // Any other status says that somebody has ended the attempt on purpose, or was about to.
    this.#cutByCrash = status === 'running' || status === 'awaiting_approval';
  }

  /** The agent has said that it is there. */
  begun(): void {
    this.#exists = true;
  }

  /** The next attempt begins another one. */
  forget(): void {
    this.#id = randomUUID();
    this.#exists = false;
  }

  /** Changes nothing: the attempt may yet not be started. */
  next(canResume: boolean): NextConversation {
    const startsOver = this.#exists && !canResume;
    if (startsOver) return { spec: { id: randomUUID(), exists: false, resume: false }, startsOver };
    const exists = this.#exists;
    const interruptedTurn = exists && this.#cutByCrash;
    const spec = {
      id: this.#id,
      exists,
      resume: exists,
      ...(interruptedTurn ? { interruptedTurn } : {}),
    };
    return { spec, startsOver };
  }

  /** The attempt is started with it. */
  take({ spec }: NextConversation): void {
    this.#id = spec.id;
    this.#exists = spec.exists;
    this.#cutByCrash = false;
  }
}
