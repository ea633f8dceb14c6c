import { randomUUID } from 'node:crypto';
import { deferred } from '../process/deferred.ts';
import { findMarked } from '../process/descendants.ts';
import type { Agent, AgentEvent, Attempt, AttemptEnd, AttemptSpec } from './agent.ts';

/** Starts an attempt and writes down what it emits, and which of its processes live when it says it ended. */
export function watchAttempt(
  agent: Agent,
  given: AttemptSpec,
  onEvent: (event: AgentEvent) => void = () => {},
): WatchedAttempt {
  // A group of its own for each attempt, so that the processes of another are not taken for its own.
  const spec = { ...given, groupId: `${given.groupId}-${randomUUID()}` };
  const events: AgentEvent[] = [];
  const leftAtTheEnd: number[] = [];
  const marker = `${spec.groupId}:${spec.sessionId}:${spec.attempt}:`;
  const started = deferred<Started>();
  const ended = deferred<AttemptEnd>();
  const attempt = agent.start(spec, event => {
    events.push(event);
    if (event.type === 'started') started.resolve(event);
    if (event.type === 'ended') {
      leftAtTheEnd.push(...findMarked(found => found.startsWith(marker)));
      ended.resolve(event.end);
    }
    onEvent(event);
  });
  return { attempt, events, started: started.promise, ended: ended.promise, leftAtTheEnd };
}

export interface WatchedAttempt {
  readonly attempt: Attempt;
  readonly events: readonly AgentEvent[];
  readonly started: Promise<Started>;
  readonly ended: Promise<AttemptEnd>;
  /** Pids that carried the attempt's marker when `ended` came. */
  readonly leftAtTheEnd: readonly number[];
}

type Started = Extract<AgentEvent, { type: 'started' }>;
