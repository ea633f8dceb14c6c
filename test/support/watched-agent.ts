import type { Clock } from '../../src/sdk/clock.ts';
import type { Agent, AgentEvent, Attempt, AttemptEnd, AttemptSpec } from '../../src/sdk/session/agent.ts';
import { createScriptedAgent } from '../../src/sdk/session/scripted/scripted.ts';

export interface AttemptLog {
  readonly session: string;
  readonly spec: AttemptSpec;
  /** Milliseconds since the start of the clock. */
  readonly startedAt: number;
  endedAt: number | undefined;
  end: AttemptEnd | undefined;
}

/** The agents' own view: every attempt that really started and ended, whatever the engine claims. */
export class WatchedAgent implements Agent {
  readonly kind = 'scripted';
  readonly capabilities;
  readonly attempts: AttemptLog[] = [];
  readonly live = new Map<string, AttemptLog>();
  /** Micro-dollars that the agents have reported, by session. */
  readonly spent = new Map<string, number>();
  /** Throw to break a start. */
  onStart: (spec: AttemptSpec) => void = () => {};
  /** Throw to make the interrupt fail. */
  onInterrupt: (spec: AttemptSpec) => void = () => {};
  onEnd: (log: AttemptLog) => void = () => {};
  readonly #agent: Agent;
  readonly #clock: Clock;

  /** @param logs whether it asks for a folder for its logs. */
  constructor(clock: Clock, { logs = false } = {}) {
    this.#clock = clock;
    this.#agent = createScriptedAgent(clock);
    this.capabilities = { ...this.#agent.capabilities, logs };
  }

  start(spec: AttemptSpec, sink: (event: AgentEvent) => void): Attempt {
    this.onStart(spec);
    const session = spec.sessionId;
    const startedAt = this.#clock.monotonic();
    const log: AttemptLog = { session, spec, startedAt, endedAt: undefined, end: undefined };
    this.attempts.push(log);
    if (this.live.has(session)) throw new Error(`I1: two attempts of ${session} at once`);
    this.live.set(session, log);
    const attempt = this.#agent.start(spec, event => {
      if (event.type === 'cost') this.spent.set(session, Math.round(event.costUsd * 1_000_000));
      if (event.type === 'ended') {
        log.end = event.end;
        log.endedAt = this.#clock.monotonic();
        this.live.delete(session);
        this.onEnd(log);
      }
      sink(event);
    });
    const interrupt = attempt.interrupt.bind(attempt);
    attempt.interrupt = () => {
      this.onInterrupt(spec);
      interrupt();
    };
    return attempt;
  }

  of(session: string): AttemptLog[] {
    return this.attempts.filter(log => log.session === session);
  }

  /** Sessions in the order in which their attempts started. */
  get order(): string[] {
    return this.attempts.map(log => log.session);
  }
}
