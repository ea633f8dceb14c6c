import { randomUUID } from 'node:crypto';
import { deferred } from '../../src/sdk/process/deferred.ts';
import type { Agent, AgentEvent, Attempt, AttemptEnd, AttemptSpec } from '../../src/sdk/session/agent.ts';

/** A spec with the defaults of a definition; a test passes what it is about. */
export function attemptSpec(given: Partial<AttemptSpec> & Pick<AttemptSpec, 'cwd' | 'env'>): AttemptSpec {
  return {
    groupId: '20260101-000000-test',
    sessionId: 'one',
    attempt: 1,
    agent: { kind: 'claude' },
    conversation: { id: randomUUID(), exists: false, resume: false },
    prompt: 'Say something.',
    originalPrompt: given.prompt ?? 'Say something.',
    composed: false,
    model: 'sonnet',
    permissions: {
      mode: 'acceptEdits',
      allow: [],
      deny: ['AskUserQuestion', 'EnterPlanMode', 'ExitPlanMode'],
      onRequest: 'ask',
      timeout: 1_800_000,
    },
    settingSources: ['user', 'project', 'local'],
    ...given,
  };
}

export interface WatchedAttempt {
  readonly attempt: Attempt;
  readonly events: readonly AgentEvent[];
  readonly ended: Promise<AttemptEnd>;
  /** Resolves with the first event of this type, past or future. */
  first<T extends AgentEvent['type']>(type: T): Promise<Extract<AgentEvent, { type: T }>>;
  /** All events of this type so far. */
  all<T extends AgentEvent['type']>(type: T): Extract<AgentEvent, { type: T }>[];
}

export function watch(
  agent: Agent,
  spec: AttemptSpec,
  react: (event: AgentEvent, attempt: Attempt) => void = () => {},
): WatchedAttempt {
  const events: AgentEvent[] = [];
  const ended = deferred<AttemptEnd>();
  const seen = new Map<AgentEvent['type'], ReturnType<typeof deferred<AgentEvent>>>();
  const firstOf = (type: AgentEvent['type']): ReturnType<typeof deferred<AgentEvent>> => {
    const known = seen.get(type) ?? deferred<AgentEvent>();
    seen.set(type, known);
    return known;
  };
  const isOf =
    <T extends AgentEvent['type']>(type: T) =>
    (event: AgentEvent): event is Extract<AgentEvent, { type: T }> =>
      event.type === type;
  const attempt = agent.start(spec, event => {
    events.push(event);
    firstOf(event.type).resolve(event);
    if (event.type === 'ended') ended.resolve(event.end);
    react(event, attempt);
  });
  return {
    attempt,
    events,
    ended: ended.promise,
    all: type => events.filter(isOf(type)),
    async first(type) {
      const event = await firstOf(type).promise;
      if (!isOf(type)(event)) throw new Error(`${event.type} came instead of ${type}`);
      return event;
    },
  };
}
