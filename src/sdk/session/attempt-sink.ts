import type { Clock } from '../clock.ts';
import type { AgentEvent, AttemptEnd } from './agent.ts';

/** Holds back what is emitted too early; what is emitted while that is handed over comes after it. */
export class HeldEvents {
  readonly #sink: (event: AgentEvent) => void;
  #held: AgentEvent[] | undefined = [];

  constructor(sink: (event: AgentEvent) => void) {
    this.#sink = sink;
  }

  /** True if nothing is held back. */
  get isEmpty(): boolean {
    return !this.#held?.length;
  }

  emit(event: AgentEvent): void {
    if (this.#held) this.#held.push(event);
    else this.#sink(event);
  }

  /** Forgets an end that is held back. */
  dropEnd(): void {
    this.#held = this.#held?.filter(({ type }) => type !== 'ended');
  }

  release(): void {
    for (const event of this.#held ?? []) this.#sink(event); // it grows during the loop
    this.#held = undefined;
  }
}

export interface AttemptSink {
  emit(event: AgentEvent): void;
  /** Emits `ended`; only the first call counts. */
  end(end: AttemptEnd): void;
  readonly ended: boolean;
}

/**
 * Stands between an agent and the engine and enforces two rules of the port: nothing is emitted before the next turn
 * of the event loop (AGENT-1), and nothing after `ended` (AGENT-2).
 */
export function attemptSink(sink: (event: AgentEvent) => void, clock: Clock): AttemptSink {
  const events = new HeldEvents(sink);
  let ended = false;

  const emit = (event: AgentEvent): void => {
    if (ended) return;
    if (event.type === 'ended') ended = true;
    events.emit(event);
  };

  clock.setTimeout(() => events.release(), 0);

  return {
    emit,
    end: end => emit({ type: 'ended', end }),
    get ended() {
      return ended;
    },
  };
}
