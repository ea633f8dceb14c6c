import { hasMethods, isCount } from '../argument.ts';
import type { Clock } from '../clock.ts';
import { isPromised, shielded, textOfThrown } from '../errors.ts';
import type { Agent, AgentEvent, Attempt, AttemptMessage, AttemptSpec } from './agent.ts';
import { HeldEvents } from './attempt-sink.ts';
import { readReport } from './reports/read-report.ts';
import { type Redact, redactor } from './reports/redaction.ts';

/** An attempt that hasn't ended so long after it was killed never will; built-in agents need seven seconds at most. */
const LAST_GRACE_MS = 60_000;
/** The grace is counted in parts, so that a machine that was asleep or an engine that was stopped grants all of it. */
const GRACE_PARTS = 12;

/**
 * Starts an attempt of any agent and holds it to the rules of the port, whatever it does:
 *
 * SUPERVISED-1 what it emits belongs to this attempt: nothing arrives before `start` has returned, nothing after `ended`.
 * SUPERVISED-2 it ends: an agent that throws in `start` or returns no attempt, ends with something that is no end, or
 *    doesn't end in time after `kill`, has failed (`agent_misbehaved`).
 * SUPERVISED-3 what arrives is a copy, and has its type; amounts are finite and not negative, and tokens are whole. Other reports are
 *    refused with a warning, and a permission request that is refused is denied: an agent may wait for its answer.
 * SUPERVISED-4 what arrives is bounded (`reports/bounded-report.ts`), and no secret is cut in two by that.
 */
export function superviseAttempt(
  agent: Agent,
  spec: AttemptSpec,
  clock: Clock,
  listener: (event: AgentEvent) => void,
): Attempt {
  return new SupervisedAttempt(agent, spec, clock, listener);
}

class SupervisedAttempt implements Attempt {
  declare readonly pid?: number;
  readonly #kind: string;
  readonly #clock: Clock;
  readonly #listener: (event: AgentEvent) => void;
  readonly #events: HeldEvents;
  #attempt: Attempt | undefined;
  #timer: unknown;
  #ended = false;
  #killed = false;
  #warned: Set<string> | undefined;
  readonly #secrets: AttemptSpec['secrets'];
  #redact: Redact | undefined;
  /** Requests that came before there was an attempt. */
  #toDeny: string[] | undefined;

  constructor(agent: Agent, spec: AttemptSpec, clock: Clock, listener: (event: AgentEvent) => void) {
    this.#kind = agent.kind;
    this.#secrets = spec.secrets;
    this.#clock = clock;
    this.#listener = listener;
    this.#events = new HeldEvents(event => this.#handOver(event));
    const pid = this.#start(agent, spec);
    if (pid !== undefined) this.pid = pid;
    for (const requestId of this.#toDeny ?? []) if (this.#attempt) this.#deny(requestId);
    if (this.#events.isEmpty) this.#events.release();
    else clock.setTimeout(() => this.#events.release(), 0);
  }

  interrupt(): void {
    this.#attempting(() => this.#attempt?.interrupt());
  }

  terminate(): void {
    this.#attempting(() => this.#attempt?.terminate());
  }

  kill(): void {
    if (!this.#killed && !this.#ended) this.#giveUp(GRACE_PARTS);
    this.#killed = true;
    this.#attempting(() => this.#attempt?.kill());
  }

  answerPermission(...answer: Parameters<Attempt['answerPermission']>): void {
    this.#attempting(() => this.#attempt?.answerPermission(...answer));
  }

  send(message: AttemptMessage): void {
    this.#attempting(() => this.#attempt?.send?.(message));
  }

  /** Returns its process, if it says so. */
  #start(agent: Agent, spec: AttemptSpec): number | undefined {
    try {
      const started: unknown = agent.start(spec, event => this.#receive(event));
      if (isPromised(started)) Promise.resolve(started).then(endLate, () => {});
      const problem = problemOfAttempt(started);
      if (problem !== undefined || !isAttempt(started)) throw new Error(problem);
      this.#attempt = started;
      return pidOf(started);
    } catch (thrown) {
      this.#events.dropEnd();
      this.#misbehaved(`failed to start: ${textOfThrown(thrown)}`);
      return undefined;
    }
  }

  #receive(event: AgentEvent): void {
    const report = readReport(event, this.#withoutSecrets);
    if (report.taken) {
      this.#events.emit(report.taken);
      return;
    }
    const { type, what, requestId } = report;
    if (requestId !== undefined) this.#deny(requestId);
    if (type === 'ended') this.#misbehaved(`reported an invalid end (${what})`);
    else if (!this.#warned?.has(type)) {
      this.#warned ??= new Set();
      this.#warned.add(type);
      this.#warn(`an invalid report of the agent is ignored: ${type} (${what})`);
    }
  }

  /** Needed only for what is too long. */
  readonly #withoutSecrets: Redact = text => {
    this.#redact ??= redactor(this.#secrets);
    return this.#redact(text);
  };

  #handOver(event: AgentEvent): void {
    if (this.#ended) return;
    if (event.type === 'ended') {
      this.#ended = true;
      this.#clock.clearTimeout(this.#timer);
    }
    this.#listener(event);
  }

  #deny(requestId: string): void {
    if (this.#attempt)
      this.#attempting(() => this.#attempt?.answerPermission(requestId, 'deny', 'its input cannot be read'));
    else {
      this.#toDeny ??= [];
      this.#toDeny.push(requestId);
    }
  }

  #warn(message: string): void {
    this.#events.emit({ type: 'warning', message });
  }

  #misbehaved(how: string): void {
    const message = `the agent (${this.#kind}) ${how}`;
    this.#events.emit({ type: 'ended', end: { outcome: 'failed', code: 'agent_misbehaved', message } });
  }

  /** Whatever the agent throws, there is `kill`, and an end after it. */
  #attempting(action: () => unknown): void {
    shielded(action, thrown => this.#warn(`the agent threw: ${textOfThrown(thrown)}`));
  }

  #giveUp(partsLeft: number): void {
    this.#timer = this.#clock.setTimeout(() => {
      if (partsLeft > 1) this.#giveUp(partsLeft - 1);
      else {
        const how = 'did not end after it was killed; what it started may still be running';
        this.#warn(`the agent ${how}`);
        this.#misbehaved(how);
      }
    }, LAST_GRACE_MS / GRACE_PARTS);
  }
}

function pidOf(attempt: Attempt): number | undefined {
  try {
    const { pid } = attempt;
    return isCount(pid, 1) ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** What an agent has started all the same, after it failed to return it at once, is not left alive. */
const endLate = (started: unknown): void => {
  shielded(
    () => (isAttempt(started) ? started.kill() : undefined),
    () => {},
  );
};

const isAttempt = (given: unknown): given is Attempt =>
  hasMethods(given, 'interrupt', 'terminate', 'kill', 'answerPermission');

/** Why what `start` has returned is refused; undefined if it is an attempt. */
export function problemOfAttempt(started: unknown): string | undefined {
  if (isPromised(started)) return 'it returned a promise instead of an attempt';
  return isAttempt(started) ? undefined : 'it returned no attempt';
}
