import { afterAll, beforeAll, describe, test } from 'vitest';
import type { AttemptSpec } from '../../src/sdk/session/agent.ts';
import { agentConformance } from '../../src/sdk/session/agent-conformance.ts';
import { createClaudeAgent } from '../../src/sdk/session/claude-code/claude-agent.ts';
import type { AgentFixture } from '../../src/sdk/session/watched-attempt.ts';
import { type ClaudeBench, claudeBench } from '../support/claude-bench.ts';
import { modelNotFound, silence, text, toolUse } from '../support/messages-api/answers.ts';
import { lastUserText } from '../support/messages-api/request.ts';

let bench: ClaudeBench;
beforeAll(async () => {
  bench = await claudeBench();
  // Chosen by the session's prompt, because several sessions run at once and in turn.
  bench.api.answerWith(({ body }) => {
    const asked = lastUserText(body);
    if (asked.includes('QUICK')) return text('Done.');
    if (asked.includes('FAIL')) return modelNotFound();
    if (asked.includes('STEP')) return toolUse('Bash', { command: 'true' });
    if (asked.includes('GO ON')) return text('Went on.');
    if (asked.includes('message 0000000')) return text('Taken.');
    return silence();
  });
});
afterAll(() => bench.close());

function makeFixture(): AgentFixture {
  const spec = (prompt: string): AttemptSpec => bench.spec({ prompt, originalPrompt: prompt });
  return {
    agent: createClaudeAgent(),
    drive: promise => promise,
    quick: () => spec('QUICK'),
    failing: () => spec('FAIL'),
    hanging: () => spec('HANG'),
    messaged: () => spec('QUICK'),
    missingProgram: () => ({ ...spec('QUICK'), agent: { kind: 'claude', executable: '/no/such/claude' } }),
    resumable() {
      const first = spec('STEP');
      return {
        spec: first,
        isCutAfter: event => event.type === 'tool_finished',
        resumed: () => ({
          ...first,
          attempt: 2,
          conversation: { ...first.conversation, exists: true, resume: true },
          prompt: 'GO ON',
        }),
      };
    },
  };
}

describe('the rules of the agent port', () => {
  agentConformance('claude', makeFixture, { test });
});
