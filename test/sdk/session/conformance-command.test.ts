// @module-tag processes
import { test } from 'vitest';
import { systemClock } from '../../../src/sdk/clock.ts';
import type { AttemptSpec } from '../../../src/sdk/session/agent.ts';
import { agentConformance } from '../../../src/sdk/session/agent-conformance.ts';
import { createCommandAgent } from '../../../src/sdk/session/command.ts';
import { program } from '../process/process-fixture.ts';
import { attemptSpec } from './attempt-fixture.ts';

const command = (name: string, ...args: string[]): AttemptSpec =>
  attemptSpec({
    agent: { kind: 'command', command: [process.execPath, program(name), ...args], output: 'text' },
  });

agentConformance(
  'command agent',
  () => ({
    agent: createCommandAgent(systemClock),
    drive: promise => promise,
    quick: () => command('echo-stdin.mjs'),
    failing: () => command('fail.mjs', '3', 'the reason'),
    hanging: () => command('leave-behind.mjs', '--setsid'),
    ignoresInterrupt: () => command('stay.mjs', '--deaf'),
    missingProgram: () =>
      attemptSpec({ agent: { kind: 'command', command: ['no-such-program-anywhere'], output: 'text' } }),
  }),
  { test },
);
