import { tmpdir } from 'node:os';
import { describe, expect, test } from 'vitest';
import { createSessionGroup } from '../../../src/sdk/group/api/create.ts';
import type { SessionGroupInput } from '../../../src/sdk/group/types.ts';
import { memoryProjectGate } from '../../../src/sdk/project/project-gate.ts';
import type { AttemptSpec } from '../../../src/sdk/session/agent.ts';
import { agentConformance } from '../../../src/sdk/session/agent-conformance.ts';
import type { AgentFixture } from '../../../src/sdk/session/watched-attempt.ts';
import { SimulatedClock } from '../../../src/sdk/simulated-clock.ts';
import { drive, flush } from '../../../src/sdk/testing/flush.ts';
import { createPuppetAgent, type PuppetAgent } from '../../../src/sdk/testing/puppet-agent.ts';
import type { PuppetAttempt } from '../../../src/sdk/testing/puppet-attempt.ts';
import { projectPath } from '../../support/bench.ts';

let conversations = 0;

/** What the one who pulls the strings does by the prompt. */
function plays(attempt: PuppetAttempt): void {
  const { prompt } = attempt.spec;
  if (prompt === 'quick' || prompt === 'cut and resumed') {
    attempt.usage({ tokens: { input: 10 }, costUsd: 0.01 });
    attempt.completes('done');
  } else if (prompt === 'failing') attempt.fails('agent_error');
  else if (prompt === 'cut') attempt.usesTool('Work');
  else if (prompt === 'messaged') completesOnce(attempt, 3);
}

/** It takes messages by itself. */
function completesOnce(attempt: PuppetAttempt, messages: number): void {
  const done = () => attempt.completes('done');
  const look = () => setImmediate(attempt.messages.length < messages ? look : done);
  look();
}

function fixture(options: { readonly ignoresInterrupt?: boolean } = {}): AgentFixture {
  const agent = createPuppetAgent(options);
  const played = new Set<PuppetAttempt>();
  const spec = (prompt: string, more: Partial<AttemptSpec> = {}): AttemptSpec => ({
    ...{ groupId: 'group', sessionId: `s${conversations}`, attempt: 1, agent: { kind: 'claude' } },
    ...{ cwd: tmpdir(), prompt, originalPrompt: prompt, composed: false, env: {} },
    conversation: { id: `conversation-${conversations++}`, exists: false, resume: false },
    permissions: { mode: 'acceptEdits', allow: [], deny: [], onRequest: 'ask', timeout: 1_000 },
    settingSources: [],
    ...more,
  });
  return {
    agent,
    async drive(promise) {
      let settled = false;
      const mark = () => {
        settled = true;
      };
      promise.then(mark, mark);
      while (!settled) {
        await flush();
        for (const attempt of agent.live) {
          if (played.has(attempt)) continue;
          played.add(attempt);
          plays(attempt);
        }
      }
      return promise;
    },
    quick: () => spec('quick'),
    failing: () => spec('failing'),
    hanging: () => spec('hanging'),
    messaged: () => spec('messaged'),
    ...(options.ignoresInterrupt ? { ignoresInterrupt: () => spec('hanging') } : {}),
    resumable() {
      const first = spec('cut');
      const { id } = first.conversation;
      return {
        spec: first,
        isCutAfter: event => event.type === 'tool_finished',
        resumed: () => ({
          ...spec('cut and resumed'),
          attempt: 2,
          conversation: { id, exists: true, resume: true },
        }),
      };
    },
  };
}

agentConformance('a puppet', fixture, { test });

async function begun(config: SessionGroupInput['config'] = {}, ids: readonly string[] = ['a']) {
  const clock = new SimulatedClock();
  const puppet: PuppetAgent = createPuppetAgent();
  const group = await createSessionGroup(
    {
      version: 1,
      name: 'Puppets',
      config,
      sessions: ids.map((id, index) => ({ id, projectPath: projectPath(index), prompt: `do ${id}` })),
    },
    { clock, agents: { claude: puppet }, projects: memoryProjectGate(), attended: true, env: {} },
  );
  return { clock, puppet, group, run: group.run() };
}

describe('a group whose agent is a puppet', () => {
  test('shows what the test makes it say, use and spend, and completes with its result', async () => {
    const { puppet, group, run } = await begun();
    const attempt = await puppet.started('a');
    expect(attempt.spec).toMatchObject({
      prompt: 'do a',
      cwd: projectPath(0),
      conversation: { resume: false },
    });
    attempt.says('Looking.');
    attempt.usesTool('Read');
    attempt.costs(0.25);
    attempt.costs(0.5);
    await flush();
    expect(group.getProgress()).toMatchObject({ totalCostUsd: 0.75, sessions: [{ messageCount: 1 }] });
    attempt.completes('found');
    expect(await run).toMatchObject({ status: 'completed', sessions: { a: { result: 'found' } } });
    await group.dispose();
  });

  test('is interrupted by a pause, and goes on in the same conversation', async () => {
    const { puppet, group, run } = await begun();
    const first = await puppet.started('a');
    await flush();
    const paused = group.pause();
    await first.interrupted;
    expect(await first.ended).toEqual({ outcome: 'interrupted' });
    expect((await paused).status).toBe('paused');
    await run;
    const resumed = group.resume();
    const second = await puppet.started('a');
    expect(second.spec.conversation).toEqual({ id: first.spec.conversation.id, exists: true, resume: true });
    second.completes('done');
    expect((await resumed).status).toBe('completed');
    expect(puppet.attempts).toEqual([first, second]);
    expect(puppet.live).toEqual([]);
    expect(() => second.says('more')).toThrow('attempt 2 of a has ended (done)');
    await group.dispose();
  });

  test('waits for the answer to its request', async () => {
    const { puppet, group, run } = await begun();
    const attempt = await puppet.started();
    const answer = attempt.asks('Bash', { command: 'make' });
    await flush();
    const why = group.why('a');
    expect(why).toMatchObject({ kind: 'approval', tool: 'Bash' });
    if (why?.kind === 'approval') await group.answer(why.requestId, 'deny', 'test', 'not here');
    expect(await answer).toEqual({ decision: 'deny', message: 'not here' });
    const unanswered = attempt.asks('Bash');
    await flush();
    attempt.completes('without it');
    expect(await unanswered).toBeUndefined();
    await run;
    await group.dispose();
  });

  test('is tried again after a failure, on the clock of the test', async () => {
    const { clock, puppet, group, run } = await begun({ retry: { initialInterval: '2m' } });
    (await puppet.started('a')).fails('overloaded');
    await flush();
    expect(group.why('a')).toMatchObject({ kind: 'retry', code: 'overloaded' });
    clock.advance(120_000);
    const until = clock.now() + 3_600_000;
    (await puppet.started('a')).isLimited(until);
    await flush();
    expect(group.why('a')).toMatchObject({ kind: 'quota', account: 'claude' });
    const third = puppet.started('a');
    await drive(clock, third);
    expect(clock.now()).toBeGreaterThanOrEqual(until);
    (await third).completes('done');
    expect(await run).toMatchObject({ status: 'completed', sessions: { a: { attempts: 3 } } });
    await group.dispose();
  });

  test('of another kind than the definition asks for says so', async () => {
    const other = createPuppetAgent({ kind: 'scripted' });
    const group = await createSessionGroup(
      { version: 1, name: 'Wrong', sessions: [{ id: 'a', projectPath: projectPath(0), prompt: 'x' }] },
      { agents: { claude: other }, projects: memoryProjectGate(), env: {} },
    );
    expect((await group.run()).sessions.a?.error).toMatchObject({
      code: 'invalid_request',
      message: expect.stringContaining("createPuppetAgent({ kind: 'claude' })"),
    });
    await group.dispose();
  });

  test('that ignores interrupts ends when the engine kills it', async () => {
    const { clock, puppet, group, run } = await begun();
    const deaf = createPuppetAgent({ ignoresInterrupt: true });
    expect(deaf.capabilities).toEqual(puppet.capabilities);
    const again = await createSessionGroup(
      { version: 1, name: 'Deaf', sessions: [{ id: 'a', projectPath: projectPath(1), prompt: 'x' }] },
      { clock, agents: { claude: deaf }, projects: memoryProjectGate(), env: {} },
    );
    const running = again.run();
    const attempt = await deaf.started('a');
    const stopped = again.stop();
    await attempt.interrupted;
    await flush();
    expect(attempt.live).toBe(true);
    expect((await drive(clock, stopped)).status).toBe('stopped');
    expect(await attempt.ended).toEqual({ outcome: 'interrupted' });
    await running;
    await again.dispose();
    (await puppet.started()).completes('done');
    await run;
    await group.dispose();
  });
});
