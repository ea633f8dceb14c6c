import { randomUUID } from 'node:crypto';
import { deferred } from '../process/deferred.ts';
import { findProcesses, isMarked } from '../process/descendants.ts';
import { isLimitOfGroup } from '../process/limit-mark.ts';
import type { Agent, AgentEvent, Attempt, AttemptEnd, AttemptSpec } from './agent.ts';
import { isOwn } from './agent-config.ts';
import { readOptions } from './own/options.ts';
import { PermissionsConfig } from './permissions.ts';

/**
 * What an implementation provides to be tested. A spec is as much of one as matters; the rest has defaults: a new
 * conversation, the agent's own kind with no options, this process's folder and environment. Options are what its schema
 * parses them to. Cases that need a function that is absent are left out.
 */
export interface AgentFixture {
  readonly agent: Agent;
  /**
   * Lets time pass until the promise settles, and returns its value. On the real clock: `promise => promise`;
   * on a simulated clock: steps it.
   */
  drive<T>(promise: Promise<T>): Promise<T>;
  /** Does a little work and ends as done. */
  quick(): Partial<AttemptSpec>;
  /** Fails by itself. Absent: it never does. */
  failing?(): Partial<AttemptSpec>;
  /** Emits `started`, then works until it is interrupted. Absent: it is always done before. */
  hanging?(): Partial<AttemptSpec>;
  /** Names a program that doesn't exist. */
  missingProgram?(): Partial<AttemptSpec>;
  /** Like `hanging`, but ignores `interrupt`. */
  ignoresInterrupt?(): Partial<AttemptSpec>;
  /** For agents that take messages: works long enough to take three, then ends as done. */
  messaged?(): Partial<AttemptSpec>;
  /** For agents that resume conversations: works up to an event that occurs once, then hangs or continues. */
  resumable?(): ResumableFixture;
}

/** An attempt that is interrupted and resumed. */
export interface ResumableFixture {
  /** The attempt that is interrupted. */
  readonly spec: Partial<AttemptSpec>;
  /** It is interrupted at the first event for which this is true; a resumed attempt must not repeat that event. */
  isCutAfter(event: AgentEvent): boolean;
  /** The attempt that resumes it; it ends as done. */
  resumed(): Partial<AttemptSpec>;
}

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
