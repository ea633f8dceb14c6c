import type { Agent, AgentEvent, Attempt, AttemptEnd, AttemptSpec } from '../../src/sdk/session/agent.ts';

export type Reply = (spec: AttemptSpec, attempt: number) => AttemptEnd | Promise<AttemptEnd>;

/** An agent in process that resumes conversations: each attempt ends with the test's reply. */
export class TalkingAgent implements Agent {
  readonly kind = 'scripted';
  readonly capabilities: Agent['capabilities'];
  /** The specs of all attempts. */
  readonly specs: AttemptSpec[] = [];
  readonly #reply: Reply;

  constructor(reply: Reply, changesFiles = false) {
    this.#reply = reply;
    this.capabilities = { resume: true, usage: 'stream', spends: false, approvals: false, changesFiles };
  }

  start(spec: AttemptSpec, sink: (event: AgentEvent) => void): Attempt {
    let over = false;
    this.specs.push(spec);
    const end = (how: AttemptEnd) => {
      if (over) return;
      over = true;
      sink({ type: 'ended', end: how });
    };
    setImmediate(async () => {
      sink({ type: 'started', conversationId: spec.conversation.id });
      end(await this.#reply(spec, this.specs.length));
    });
    const cut = () => setImmediate(() => end({ outcome: 'interrupted' }));
    return { interrupt: cut, terminate: cut, kill: cut, answerPermission: () => {} };
  }
}

export const done = (result: string, output?: unknown): AttemptEnd => ({
  outcome: 'done',
  result,
  ...(output === undefined ? {} : { output }),
  denials: [],
});
