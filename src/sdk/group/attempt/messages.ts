import type { Attempt, AttemptMessage } from '../../session/agent.ts';
import type { AttemptHost } from './attempt-host.ts';

/**
 * What people send to a session, on its way to the agent. It waits in the journal until the agent says that the
 * conversation has it.
 *
 * MESSAGES-1 an attempt is handed what waits once that is written (I10), in the order in which it was sent.
 * MESSAGES-2 what has not been taken is handed to each later attempt, also of another engine, under the same id: of two
 *    messages with one id, an agent takes one (AGENT-6).
 * MESSAGES-3 a session is not done while messages wait that have come since its attempt began. What an attempt had from its
 *    beginning, and has not taken although it was done, is given up, so that no session goes on for ever.
 */
export class Messages {
  readonly #id: string;
  readonly #host: AttemptHost;
  #attempt: Attempt | undefined;
  #handed: Set<string> | undefined;
  /** What waited when the attempt was announced. */
  #carried: readonly AttemptMessage[] = [];
  #interrupted = false;

  constructor(id: string, host: AttemptHost) {
    this.#id = id;
    this.#host = host;
  }

  /** Call when an attempt is announced: what waits now, it has from its beginning. */
  announced(): void {
    this.#handed = undefined;
    this.#interrupted = false;
    this.#carried = this.#waiting;
  }

  /** Call when an attempt that another engine has started is taken over: nobody knows any more what it had. */
  adopted(): void {
    this.#handed = undefined;
    this.#interrupted = false;
    this.#carried = [];
  }

  /** Call when it has begun. */
  begin(attempt: Attempt): void {
    this.#attempt = attempt;
    if (this.#waiting.length > 0) this.hand();
  }

  /** Call when its attempt is interrupted: what it has not taken is its fault no more. */
  interrupted(): void {
    this.#interrupted = true;
  }

  /** Call when its attempt has ended. */
  end(): void {
    this.#attempt = undefined;
  }

  /** Hands the live attempt, if there is one, what waits. */
  hand(): void {
    const attempt = this.#attempt;
    if (!attempt || this.#host.storeFails) return;
    const written = this.#host.trees.written();
    if (written)
      written.then(
        () => this.#hand(attempt),
        () => {}, // refused: the group pauses, and the next attempt is handed them
      );
    else this.#hand(attempt);
  }

  /** The agent says that its conversation has it. */
  taken(messageId: string): void {
    if (!this.#waiting.some(({ id }) => id === messageId)) return;
    this.#host.record({ type: 'message_delivered', sessionId: this.#id, messageId });
  }

  /** The agent is done: how many messages wait that it could not take. */
  left(): number {
    const waiting = this.#waiting;
    if (this.#interrupted) return waiting.length;
    const ignored = waiting.filter(({ id }) => this.#carried.some(carried => carried.id === id));
    for (const { id } of ignored) this.#giveUp(id);
    return waiting.length - ignored.length;
  }

  #giveUp(messageId: string): void {
    this.#host.record({ type: 'message_undelivered', sessionId: this.#id, messageId });
  }

  get #waiting(): readonly AttemptMessage[] {
    return this.#host.messagesOf(this.#id);
  }

  #hand(attempt: Attempt): void {
    if (attempt !== this.#attempt) return;
    this.#handed ??= new Set();
    for (const message of this.#waiting) {
      if (this.#handed.has(message.id)) continue;
      this.#handed.add(message.id);
      attempt.send?.(message);
    }
  }
}
