import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Agent } from '../../../../src/sdk/session/agent.ts';
import { agentConformanceCases } from '../../../../src/sdk/session/agent-conformance.ts';
import { defineAgent } from '../../../../src/sdk/session/own/define-agent.ts';
import type { AgentFixture } from '../../../../src/sdk/session/watched-attempt.ts';

/** It knows nothing of other agents, because nothing but its own parsed options ever reaches it. */
const shouting = (change: Partial<Agent> = {}): AgentFixture => ({
  agent: {
    ...defineAgent({
      kind: 'shouting',
      capabilities: { resume: false, usage: 'none', spends: false, approvals: false },
      optionsSchema: z.strictObject({ mark: z.string().default('!') }),
      start({ agent: { options }, conversation, prompt, permissions, env }, sink) {
        let isOver = false;
        setImmediate(() => {
          sink({ type: 'started', conversationId: conversation.id });
          const result = `${prompt.toUpperCase()}${options.mark.repeat(1)}${permissions.mode}${env.PATH ?? ''}`;
          if (!isOver) sink({ type: 'ended', end: { outcome: 'done', result, denials: [] } });
          isOver = true;
        });
        return { interrupt() {}, terminate() {}, kill() {}, answerPermission() {} };
      },
    }),
    ...change,
  },
  drive: promise => promise,
  quick: () => ({ prompt: 'look' }),
});
const casesOf = (fixture: AgentFixture) => agentConformanceCases.filter(one => one.applies(fixture));

describe('an own agent that is always done at once', () => {
  it.each(casesOf(shouting()))('keeps $name', one => one.run(shouting()));

  it('is spared what it cannot do', () => {
    const names = casesOf(shouting()).map(({ name }) => name);
    expect(names.some(name => /working attempt|failure/.test(name))).toBe(false);
    const more = { ...shouting(), hanging: () => ({}), failing: () => ({}) };
    expect(casesOf(more).length - names.length).toBe(7);
  });

  it('is found out if it breaks a rule', async () => {
    const early = shouting({
      start(spec, sink) {
        sink({ type: 'activity' });
        return shouting().agent.start(spec, sink);
      },
    });
    const [first] = casesOf(early);
    await expect(first?.run(early)).rejects.toThrow('emitted inside start');
  });

  it('is told if its fixture has options that its schema refuses', async () => {
    const wrong = { ...shouting(), quick: () => ({ agent: { kind: 'shouting', options: { mark: 5 } } }) };
    await expect(casesOf(wrong)[0]?.run(wrong)).rejects.toThrow("the agent's schema refuses the options");
  });
});
