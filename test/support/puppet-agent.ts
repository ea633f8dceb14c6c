import type { ErrorCode } from '../../machines/vocabulary.ts';
import type { Agent, AgentEvent, Attempt, AttemptSpec } from '../../src/sdk/session/agent.ts';

interface Puppet {
  readonly spec: AttemptSpec;
  readonly sink: (event: AgentEvent) => void;
  interrupted: boolean;
}

/** An agent controlled by the test: it emits nothing by itself, and ends only when told. */
export class PuppetAgent implements Agent {
  readonly kind = 'scripted';
  readonly capabilities = { resume: true, usage: 'stream', spends: true, approvals: true } as const;
  readonly #live = new Map<string, Puppet>();

  start(spec: AttemptSpec, sink: (event: AgentEvent) => void): Attempt {
    const puppet: Puppet = { spec, sink, interrupted: false };
    this.#live.set(spec.sessionId, puppet);
    const interrupt = () => {
      puppet.interrupted = true;
    };
    return { interrupt, terminate: interrupt, kill: interrupt, answerPermission: () => {} };
  }

  get live(): string[] {
    return [...this.#live.keys()];
  }

  /** Ends the attempt of the session that has been live the longest. */
  ends(how: 'done' | 'interrupted' | ErrorCode | { readonly until: number }): void {
    const puppet = this.#first();
    this.#live.delete(puppet.spec.sessionId);
    const message = 'as the test said';
    if (how === 'done') puppet.sink({ type: 'ended', end: { outcome: 'done', result: '', denials: [] } });
    else if (how === 'interrupted') puppet.sink({ type: 'ended', end: { outcome: 'interrupted' } });
    else if (typeof how === 'object')
      puppet.sink({ type: 'ended', end: { outcome: 'limited', ...how, message } });
    else puppet.sink({ type: 'ended', end: { outcome: 'failed', code: how, message } });
  }

  /** Spends this much more in the attempt that has been live the longest. */
  spends(messageId: string, costUsd: number): void {
    const tokens = { input: 1, output: 0, cacheRead: 0, cacheWrite: 0 };
    this.#first().sink({ type: 'usage', messageId, model: 'puppet', tokens, costUsd, final: true });
  }

  /** What the session's live attempt was started with. */
  specOf(id: string): AttemptSpec | undefined {
    return this.#live.get(id)?.spec;
  }

  /** Emits this in the session's attempt. */
  emits(id: string, event: AgentEvent): void {
    this.#live.get(id)?.sink(event);
    if (event.type === 'ended') this.#live.delete(id);
  }

  /** Emits a message in the attempt that has been live the longest. */
  says(text: string): void {
    this.#first().sink({ type: 'message', role: 'assistant', text });
  }

  #first(): Puppet {
    const [first] = this.#live.values();
    if (!first) throw new Error('no attempt is live');
    return first;
  }
}
