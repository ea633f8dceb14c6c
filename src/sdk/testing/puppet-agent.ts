import type { Agent } from '../session/agent.ts';
import type { AgentCapabilities } from '../session/agent-kinds.ts';
import { type PuppetAttempt, puppetAttempt } from './puppet-attempt.ts';

/** Options of `createPuppetAgent`; each has a default. */
export interface PuppetAgentOptions {
  /** The kind of agent that it stands in for, under which it is registered in `agents`. Default: `claude`. */
  readonly kind?: string;
  /** Default: it resumes, reports usage as a stream, spends money, asks for permissions and takes messages. */
  readonly capabilities?: Partial<AgentCapabilities>;
  /** An attempt goes on when it is interrupted or terminated; only `kill` and the test end it. Default: false. */
  readonly ignoresInterrupt?: boolean;
  /** An attempt takes each message that is sent to it by itself. Default: true; false: the test calls `takes`. */
  readonly takes?: boolean;
  /** An attempt reports the beginning of its conversation by itself. Default: true; false: the test calls `begins`. */
  readonly begins?: boolean;
}

/** An agent whose attempts a test drives by hand. */
export interface PuppetAgent extends Agent {
  /** All attempts so far, in the order in which they started. */
  readonly attempts: readonly PuppetAttempt[];
  /** Those that haven't ended. */
  readonly live: readonly PuppetAttempt[];
  /** The session's latest attempt. @throws Error if it has had none. */
  of(sessionId: string): PuppetAttempt;
  /**
   * Resolves with the next attempt of the session (without an id: of any) that this method hasn't returned yet, as soon
   * as there is one; an attempt that has started before the call counts.
   */
  started(sessionId?: string): Promise<PuppetAttempt>;
}

/**
 * Creates an agent that does what a test says, when it says so: it mocks the process of a real agent, so that each way
 * in which one can behave is a line of the test. It starts no program and sets no timer.
 *
 * The scripted agent is the other stand-in: it plays the steps that a *definition* names, on a clock, with nobody at the
 * strings. Use it to rehearse a group, and a puppet to decide, in the middle of a run, what happens next.
 */
export function createPuppetAgent(options: PuppetAgentOptions = {}): PuppetAgent {
  const { kind = 'claude', capabilities, ignoresInterrupt = false, takes = true, begins = true } = options;
  const attempts: PuppetAttempt[] = [];
  const live = new Set<PuppetAttempt>();
  const taken = new Set<PuppetAttempt>();
  const waiting = new Set<() => void>();

  return {
    kind,
    capabilities: {
      ...{ resume: true, usage: 'stream', spends: true, approvals: true, messages: true },
      ...capabilities,
    },
    start(spec, sink) {
      const isMine = spec.agent.kind === kind;
      const how = { ignoresInterrupt, takes, begins: begins && isMine };
      const { attempt, engine } = puppetAttempt(spec, sink, how, () => live.delete(attempt));
      attempts.push(attempt);
      live.add(attempt);
      if (!isMine) {
        const other = `createPuppetAgent({ kind: '${spec.agent.kind}' })`;
        attempt.fails('invalid_request', `the puppet stands in for ${kind}: register ${other} as well`);
      }
      for (const look of [...waiting]) look();
      return engine;
    },
    get attempts() {
      return [...attempts];
    },
    get live() {
      return [...live];
    },
    of(sessionId) {
      const latest = attempts.findLast(one => one.sessionId === sessionId);
      if (!latest) throw new Error(`no attempt of ${sessionId} has started`);
      return latest;
    },
    started: sessionId =>
      new Promise(resolve => {
        const look = () => {
          const next = attempts.find(
            one => !taken.has(one) && (sessionId === undefined || one.sessionId === sessionId),
          );
          if (!next) return;
          waiting.delete(look);
          taken.add(next);
          resolve(next);
        };
        waiting.add(look);
        look();
      }),
  };
}
