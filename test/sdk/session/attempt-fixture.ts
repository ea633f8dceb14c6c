import { randomUUID } from 'node:crypto';
import type { AgentEvent, AttemptEnd, AttemptSpec } from '../../../src/sdk/session/agent.ts';
import { AgentConfig } from '../../../src/sdk/session/agent-config.ts';
import { PermissionsConfig } from '../../../src/sdk/session/permissions.ts';

export function attemptSpec(changes: Partial<AttemptSpec> = {}): AttemptSpec {
  return {
    groupId: '20260101-000000-test',
    sessionId: 'one',
    attempt: 1,
    agent: AgentConfig.parse('scripted'),
    cwd: process.cwd(),
    conversation: { id: randomUUID(), exists: false, resume: false },
    prompt: 'Do the work.\nAll of it.',
    originalPrompt: 'Do the work.\nAll of it.',
    composed: false,
    permissions: PermissionsConfig.parse({}),
    settingSources: ['user'],
    env: { PATH: process.env.PATH ?? '' },
    ...changes,
  };
}

export interface Recording {
  readonly events: AgentEvent[];
  readonly ended: Promise<AttemptEnd>;
  sink(event: AgentEvent): void;
  /** The first event of this type, even if it has already come. */
  first<T extends AgentEvent['type']>(type: T): Promise<Extract<AgentEvent, { type: T }>>;
  all<T extends AgentEvent['type']>(type: T): Extract<AgentEvent, { type: T }>[];
}

export function recording(): Recording {
  const events: AgentEvent[] = [];
  const listeners = new Set<(event: AgentEvent) => void>();
  const isOf =
    <T extends AgentEvent['type']>(type: T) =>
    (event: AgentEvent): event is Extract<AgentEvent, { type: T }> =>
      event.type === type;
  const first = <T extends AgentEvent['type']>(type: T): Promise<Extract<AgentEvent, { type: T }>> =>
    new Promise(resolve => {
      const isWanted = isOf(type);
      const listener = (event: AgentEvent): void => {
        if (!isWanted(event)) return;
        listeners.delete(listener);
        resolve(event);
      };
      listeners.add(listener);
      events.slice().forEach(listener);
    });
  return {
    events,
    ended: first('ended').then(event => event.end),
    first,
    all: type => events.filter(isOf(type)),
    sink(event) {
      events.push(event);
      for (const listener of [...listeners]) listener(event);
    },
  };
}
