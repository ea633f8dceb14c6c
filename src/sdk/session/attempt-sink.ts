import type { Clock } from '../clock.ts';
import type { AgentEvent, AttemptEnd } from './agent.ts';

export interface AttemptSink {
  emit(event: AgentEvent): void;
  /** Emits `ended`; only the first call counts. */
  end(end: AttemptEnd): void;
  readonly ended: boolean;
}

/**
 * Stands between an agent and the engine and enforces two rules of the port: nothing is emitted before the next turn
 * of the event loop (AGENT-1; earlier events are buffered), and nothing after `ended` (AGENT-2).
 */
export function attemptSink(sink: (event: AgentEvent) => void, clock: Clock): AttemptSink {
  let early: AgentEvent[] | undefined = [];
  let ended = false;

  const emit = (event: AgentEvent): void => {
    if (ended) return;
    if (event.type === 'ended') ended = true;
    if (early) early.push(event);
    else sink(event);
  };

  clock.setTimeout(() => {
    // Events that a listener causes during this loop come after the buffered ones.
    for (let at = 0; early && at < early.length; at += 1) {
      const event = early[at];
      if (event) sink(event);
    }
    early = undefined;
  }, 0);

  return {
    emit,
    end: end => emit({ type: 'ended', end }),
    get ended() {
      return ended;
    },
  };
}
