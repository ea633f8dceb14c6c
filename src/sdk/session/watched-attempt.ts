import { randomUUID } from 'node:crypto';
import { deferred } from '../process/deferred.ts';
import { findProcesses, isMarked } from '../process/descendants.ts';
import { isLimitOfGroup } from '../process/limit-mark.ts';
import type { Agent, AgentEvent, Attempt, AttemptEnd, AttemptSpec } from './agent.ts';
import { isOwn } from './agent-config.ts';
import { readOptions } from './own/options.ts';
import { PermissionsConfig } from './permissions.ts';

/** Starts an attempt and records what it emits, and which of its processes are alive when it reports its end. */
export function watchAttempt(
  agent: Agent,
  given: AttemptSpec,
  onEvent: (event: AgentEvent) => void = () => {},
): WatchedAttempt {
  // Each attempt gets its own group id, so that other attempts' processes aren't mistaken for its own.
  const spec = { ...given, groupId: `${given.groupId}-${randomUUID()}` };
  const events: AgentEvent[] = [];
  const aliveAtEnd: number[] = [];
  const marker = `${spec.groupId}:${spec.sessionId}:${spec.attempt}:`;
  const started = deferred<Started>();
  const ended = deferred<AttemptEnd>();
  const attempt = agent.start(spec, event => {
    events.push(event);
    if (event.type === 'started') started.resolve(event);
    if (event.type === 'ended') {
      aliveAtEnd.push(
        ...findProcesses(
          entry =>
            isMarked(entry, found => found.startsWith(marker)) || isLimitOfGroup(entry.limit(), spec.groupId),
        ),
      );
      ended.resolve(event.end);
    }
    onEvent(event);
  });
  return { attempt, events, started: started.promise, ended: ended.promise, aliveAtEnd };
}

export interface WatchedAttempt {
  readonly attempt: Attempt;
  readonly events: readonly AgentEvent[];
  readonly started: Promise<Started>;
  readonly ended: Promise<AttemptEnd>;
  /** Pids that carried the attempt's marker or limit when `ended` was emitted. */
  readonly aliveAtEnd: readonly number[];
}

type Started = Extract<AgentEvent, { type: 'started' }>;

/** The spec of an attempt of this agent, with defaults for whatever isn't given. */
export function specOf(agent: Agent, given: Partial<AttemptSpec>): AttemptSpec {
  const { prompt = 'Work.' } = given;
  return {
    ...{ groupId: 'group', sessionId: 'session', attempt: 1, cwd: process.cwd(), composed: false },
    conversation: { id: randomUUID(), exists: false, resume: false },
    ...{ prompt, originalPrompt: prompt, permissions: PermissionsConfig.parse({}), settingSources: [] },
    env: Object.fromEntries(Object.entries(process.env).map(([name, value = '']) => [name, value])),
    ...given,
    agent: parsed(agent, given.agent ?? { kind: agent.kind, options: {} }),
  };
}

/** As the engine would: what an attempt gets is what the agent's schema makes of its options. */
function parsed(agent: Agent, named: AttemptSpec['agent']): AttemptSpec['agent'] {
  if (!isOwn(named)) return named;
  const read = readOptions(agent, named.options);
  if (!read.ok) throw new Error(`the agent's schema refuses the options of the fixture: ${read.reason}`);
  return { ...named, options: read.value };
}
