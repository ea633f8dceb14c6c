// The agent keeps the rules of the port: node --test conformance.test.mjs
import { test } from 'node:test';
import { agentConformance } from 'session-groups/testing';
import agents from './agents.mjs';

/** A new one for each rule. Of a spec, what matters is enough. */
const makeFixture = () => ({
  agent: agents.counter,
  drive: promise => promise, // on a simulated clock: promise => drive(clock, promise)
  quick: () => ({ prompt: 'Count these words', agent: { kind: 'counter', options: { longerThan: 4 } } }),
  // It never fails, and is done at once; otherwise: failing, hanging, missingProgram, ignoresInterrupt, resumable.
});

agentConformance('counter', makeFixture, { test });
