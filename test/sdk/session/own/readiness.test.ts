import { expect, test } from 'vitest';
import type { Agent } from '../../../../src/sdk/session/agent.ts';
import { readinessOf } from '../../../../src/sdk/session/own/readiness.ts';
import { SimulatedClock } from '../../../../src/sdk/simulated-clock.ts';

/** What becomes of an agent's answer, whatever types say. */
const readiness = (answer: () => unknown) => {
  const agent: Agent = {
    kind: 'mine',
    capabilities: { resume: false, usage: 'none', spends: false, approvals: false },
    check: answer as NonNullable<Agent['check']>,
    start: () => ({ interrupt() {}, terminate() {}, kill() {}, answerPermission() {} }),
  };
  return readinessOf(agent, undefined, { clock: new SimulatedClock() });
};
const unreadable = {
  get ok() {
    throw new Error('not now');
  },
};
const nameless = {
  toString() {
    throw new Error('no text');
  },
};

test.each<readonly [string, () => unknown, string]>([
  ['a word', () => 'yes', 'it answered neither yes nor no'],
  ['nothing', () => undefined, 'it answered neither yes nor no'],
  ['no, without a code', () => ({ ok: false }), 'its answer has no valid code'],
  [
    'no, without a text',
    () => ({ ok: false, code: 'x', message: nameless }),
    'its answer has no valid message',
  ],
  ['yes, with warnings that are none', () => ({ ok: true, warnings: 5 }), 'its answer has no valid warnings'],
  ['yes, with a version that is none', () => ({ ok: true, version: 7 }), 'its answer has no valid version'],
  ['something that throws', () => unreadable, 'not now'],
])('an agent that answers %s is not ready, and the message says why', async (_, answer, why) => {
  expect(await readiness(answer)).toMatchObject({
    ok: false,
    code: 'agent_misbehaved',
    message: `the check of the agent (mine) failed: ${why}`,
  });
});

test('what an agent leaves out is filled in', async () => {
  expect(await readiness(() => ({ ok: true }))).toEqual({ ok: true, warnings: [] });
  const refusal = { ok: false, code: 'agent_not_found', message: 'no program' };
  expect(await readiness(async () => refusal)).toEqual({ ...refusal, hint: expect.any(String) });
});
