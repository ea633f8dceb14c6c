import { randomUUID } from 'node:crypto';
import { test } from 'vitest';
import type { AttemptSpec } from '../../../../src/sdk/session/agent.ts';
import { AgentConfig } from '../../../../src/sdk/session/agent-config.ts';
import { agentConformance } from '../../../../src/sdk/session/agent-conformance.ts';
import { createScriptedAgent } from '../../../../src/sdk/session/scripted/scripted.ts';
import { SimulatedClock } from '../../../../src/sdk/simulated-clock.ts';
import { attemptSpec } from '../attempt-fixture.ts';
import { drive } from '../drive.ts';

const script = (steps: unknown[], changes: Partial<AttemptSpec> = {}, ignoreInterrupt = false): AttemptSpec =>
  attemptSpec({ agent: AgentConfig.parse({ kind: 'scripted', steps, ignoreInterrupt }), ...changes });

agentConformance(
  'scripted agent',
  () => {
    const clock = new SimulatedClock();
    return {
      agent: createScriptedAgent(clock),
      drive: drive(clock),
      quick: () => attemptSpec(),
      failing: () => script([{ failure: 'server_error' }]),
      hanging: () => script([{ hang: true }]),
      ignoresInterrupt: () => script([{ hang: true }], {}, true),
      messaged: () => script([{ delay: '1s' }, { delay: '1s' }, { result: 'taken' }]),
      resumable() {
        const id = randomUUID();
        const steps = [{ text: 'once' }, { delay: '10m' }, { text: 'and on' }];
        return {
          spec: script(steps, { conversation: { id, exists: false, resume: false } }),
          isCutAfter: event => event.type === 'message' && event.text === 'once',
          resumed: () => script(steps, { attempt: 2, conversation: { id, exists: true, resume: true } }),
        };
      },
    };
  },
  { test },
);
