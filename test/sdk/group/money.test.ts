import { describe, expect, test } from 'vitest';
import { openSessionGroup } from '../../../src/sdk/group/api/create.ts';
import { listGroups } from '../../../src/sdk/group/api/list-groups.ts';
import { createMemoryStore } from '../../../src/sdk/group/store/memory-store.ts';
import { memoryProjectGate } from '../../../src/sdk/project/project-gate.ts';
import type { AgentEvent } from '../../../src/sdk/session/agent.ts';
import { NO_TOKENS } from '../../../src/sdk/session/usage.ts';
import { createPuppetAgent } from '../../../src/sdk/testing/puppet-agent.ts';
import { bench, type ConfigInput, type SessionInput } from '../../support/bench.ts';

const MODEL = 'claude-sonnet-5-5'; // 2 USD per million input tokens, 2.5 as a subagent's context
const MILLION = 1_000_000;
const session = (id: string, more: Partial<SessionInput> = {}): SessionInput => ({
  id,
  prompt: 'go',
  ...more,
});

/** It says nothing by itself. */
const puppet = () => createPuppetAgent({ kind: 'scripted', begins: false, ignoresInterrupt: true });

/** A group whose agent does what the test says; the sessions have started. */
async function puppets(sessions: readonly SessionInput[], config: ConfigInput = {}) {
  const agent = puppet();
  const store = createMemoryStore();
  const made = await bench(sessions, { agents: { scripted: agent }, config, store });
  const run = made.group.run();
  await made.flush();
  const emits = (id: string, event: AgentEvent) => agent.of(id).emits(event);
  return {
    ...made,
    ...{ agent, store, run, emits },
    begins: (id: string) => emits(id, { type: 'started', conversationId: `of ${id}`, model: MODEL }),
    replies(id: string, dollars: number, messageId = 'm', final = true, model = MODEL) {
      const tokens = { ...NO_TOKENS, input: (dollars / 2) * MILLION };
      emits(id, { type: 'usage', messageId, model, tokens, final });
    },
    /** A subagent whose context is this large, in dollars by the session's own model. */
    subagent(id: string, dollars: number) {
      const totalTokens = (dollars / 2.5) * MILLION;
      emits(id, { type: 'subagent_usage', taskId: 't', totalTokens });
    },
    figure: (id: string, costUsd: number, scope: 'process' | 'conversation' = 'process') =>
      emits(id, { type: 'cost', scope, costUsd }),
    ends: (id: string) => emits(id, { type: 'ended', end: { outcome: 'done', result: '', denials: [] } }),
  };
}

describe("a subagent's estimate", () => {
  test("is at the session's own model until its own is known", async () => {
    const { begins, emits, replies, group, flush } = await puppets([session('a')]);
    begins('a');
    replies('a', 0.2);
    emits('a', { type: 'subagent_usage', taskId: 't', totalTokens: 40_000 });
    await flush();
    expect(group.getProgress().sessions[0]).toMatchObject({ costUsd: 0.3, guessedUsd: 0.1, estimated: true });
    emits('a', { type: 'subagent_usage', taskId: 't', model: 'claude-haiku-4-5', totalTokens: 40_000 });
    await flush();
    expect(group.getProgress().sessions[0]).toMatchObject({ costUsd: 0.25, guessedUsd: 0.05 });
  });

  test('does not pause a group that has spent little for certain: it warns, and says what is', async () => {
    const budget = { maxBudgetUsd: 10 };
    const { begins, replies, subagent, of, group, figure, ends, run, flush } = await puppets([session('a')], {
      budget,
    });
    begins('a');
    replies('a', 0.21);
    subagent('a', 11.76);
    subagent('a', 30);
    await flush();
    expect(group.getProgress().status).toBe('running');
    expect(of('budget_exceeded')).toEqual([]);
    expect(of('budget_warning')).toMatchObject([{ usageUsd: 11.97, limitUsd: 10, certainUsd: 0.21 }]);
    figure('a', 0.4);
    await flush();
    expect(group.getProgress()).toMatchObject({ totalCostUsd: 0.4, budgetUsedRatio: 0.04 });
    ends('a');
    expect((await run).status).toBe('completed');
  });

  test('pauses the group once the certain part is near the limit, whichever grows last', async () => {
    for (const order of ['certain', 'estimate'] as const) {
      const { begins, replies, subagent, of } = await puppets([session('a')], {
        budget: { maxBudgetUsd: 10 },
      });
      begins('a');
      if (order === 'estimate') replies('a', 8);
      subagent('a', 9);
      if (order === 'certain') replies('a', 8);
      expect(of('budget_exceeded')).toMatchObject([{ usageUsd: 17, action: 'pause' }]);
    }
  });

  test("does not keep others from starting, nor lower their cap, nor fail a session's own limit", async () => {
    const own = session('b', { maxBudgetUsd: 1, dependsOn: ['a'] });
    const { begins, subagent, ends, agent, flush, of, figure, run } = await puppets([session('a'), own], {
      budget: { maxBudgetUsd: 2 },
    });
    begins('a');
    subagent('a', 5);
    ends('a'); // without a figure, so the estimate stays
    await flush();
    expect(agent.live).toEqual([agent.of('b')]);
    expect(agent.of('b').spec.maxBudgetUsd).toBe(1);
    begins('b');
    subagent('b', 3);
    expect(of('budget_warning').at(-1)).toMatchObject({
      sessionId: 'b',
      usageUsd: 3,
      limitUsd: 1,
      certainUsd: 0,
    });
    figure('b', 0.5);
    ends('b');
    expect(await run).toMatchObject({ status: 'completed', sessions: { b: { costUsd: 0.5 } } });
  });

  test('is not what a saved group is out of budget by', async () => {
    const { begins, replies, subagent, group, agent, store, flush } = await puppets([session('a')], {
      budget: { maxBudgetUsd: 2 },
    });
    begins('a');
    replies('a', 0.5);
    subagent('a', 5);
    const paused = group.pause();
    await flush();
    agent.of('a').yields();
    await paused;
    expect(group.why('a')).toMatchObject({ kind: 'paused' });
    await group.dispose();
    const again = puppet();
    const opened = await openSessionGroup(group.id, { store, agents: { scripted: again }, env: {} });
    expect(opened.getProgress().sessions[0]).toMatchObject({ costUsd: 5.5, guessedUsd: 5 });
    void opened.resume();
    await flush();
    expect(again.of('a').spec.maxBudgetUsd).toBe(1.5);
  });
});

describe('replies', () => {
  test('of a model without a known price pause the group, but do not fail a session at its own limit', async () => {
    const { begins, replies, of, group, figure, ends, run, flush } = await puppets([
      session('a', { maxBudgetUsd: 1 }),
    ]);
    begins('a');
    replies('a', 3, 'm', true, 'claude-sonnet-9');
    replies('a', 3, 'n', true, 'claude-sonnet-9');
    expect(of('session_warning').map(({ message }) => message)).toEqual([
      expect.stringContaining('claude-sonnet-9'),
    ]);
    await flush();
    expect(group.getProgress().sessions[0]).toMatchObject({ status: 'running', costUsd: 6 });
    figure('a', 0.7);
    ends('a');
    expect((await run).status).toBe('completed');
  });

  test("of a subagent's model without a known price are guessed: the group goes on", async () => {
    const { begins, emits, group, of, figure, ends, run, flush } = await puppets([session('a')], {
      budget: { maxBudgetUsd: 1 },
    });
    begins('a');
    const reply = {
      ...{ messageId: 's', model: 'claude-zeta-9' },
      tokens: { ...NO_TOKENS, cacheRead: 3 * MILLION, cacheWrite: 2 * MILLION },
    };
    emits('a', { type: 'subagent_usage', taskId: 't', totalTokens: 5 * MILLION, reply });
    await flush();
    expect(group.getProgress()).toMatchObject({ status: 'running' });
    expect(of('budget_exceeded')).toEqual([]);
    expect(of('budget_warning')).toMatchObject([{ limitUsd: 1, certainUsd: 0 }]);
    figure('a', 0.21);
    ends('a');
    expect(await run).toMatchObject({ status: 'completed', totalCostUsd: 0.21 });
  });

  test.each(['paused', 'killed with its engine'])(
    'at a guessed price fail no session at its own limit, nor lower its cap, after it was %s',
    async how => {
      const { begins, replies, group, agent, store, flush, emits, clock } = await puppets([
        session('a', { maxBudgetUsd: 1 }),
      ]);
      begins('a');
      replies('a', 0.25, 'k');
      replies('a', 3, 'm', true, 'claude-sonnet-9');
      const reply = { messageId: 's', model: 'claude-zeta-9', tokens: { ...NO_TOKENS, input: MILLION } };
      emits('a', { type: 'subagent_usage', taskId: 't', totalTokens: MILLION, reply });
      const again = puppet();
      if (how === 'paused') {
        const paused = group.pause();
        await flush();
        agent.of('a').yields();
        await paused;
        await group.dispose();
      } else {
        await flush();
        store.crash(group.id);
      }
      const host = { clock, projects: memoryProjectGate(), agents: { scripted: again }, env: {} };
      const opened = await openSessionGroup(group.id, { store, ...host });
      expect(opened.getProgress().sessions[0]).toMatchObject({ costUsd: group.getProgress().totalCostUsd });
      void opened.resume();
      await flush();
      expect(again.of('a').spec.maxBudgetUsd).toBe(0.75);
      again.of('a').emits({ type: 'started', conversationId: 'of a' });
      const tokens = { ...NO_TOKENS, input: MILLION / 10 };
      again.of('a').emits({ type: 'usage', messageId: 'n', model: MODEL, tokens, final: true });
      expect(opened.getProgress().sessions[0]).toMatchObject({ status: 'running' });
      const attempt = { costUsd: 0.2 };
      again.of('a').emits({ type: 'cost', scope: 'conversation', costUsd: 0.7, attempt });
      expect(opened.getProgress().sessions[0]).toMatchObject({ costUsd: 0.7, estimated: false });
      expect(opened.getProgress().sessions[0]).not.toHaveProperty('guessedUsd');
      again.of('a').emits({ type: 'ended', end: { outcome: 'done', result: '', denials: [] } });
      await flush();
      expect(opened.getResult()).toMatchObject({ status: 'completed', totalCostUsd: 0.7 });
      expect(await listGroups(store, {})).toMatchObject([{ totalCostUsd: 0.7 }]);
      await opened.dispose();
    },
  );

  test('are estimated at the price that the agent itself has shown', async () => {
    const { begins, emits, replies, group, flush } = await puppets([session('a'), session('b')]);
    begins('a');
    const tokens = { ...NO_TOKENS, input: MILLION };
    const models = { 'claude-sonnet-9': { costUsd: 4, tokens } };
    emits('a', { type: 'cost', scope: 'process', costUsd: 4, models });
    replies('b', 1, 'm', true, 'claude-sonnet-9');
    await flush();
    expect(group.getProgress().sessions[1]).toMatchObject({ costUsd: 2 });
  });

  test('that are cut count the same in every view, also in the next process', async () => {
    const { begins, replies, group, run, store, flush, agent } = await puppets([session('a')]);
    begins('a');
    replies('a', 0.75, 'm', false);
    await flush();
    expect(group.getProgress().totalCostUsd).toBe(0.75);
    const paused = group.pause();
    await flush();
    agent.of('a').yields();
    await paused;
    expect((await run).totalCostUsd).toBe(0.75);
    await flush();
    expect(group.getProgress().sessions[0]).toMatchObject({ costUsd: 0.75, estimated: true });
    expect(await listGroups(store, {})).toMatchObject([{ totalCostUsd: 0.75 }]);
    await group.dispose();
    const opened = await openSessionGroup(group.id, {
      store,
      agents: { scripted: puppet() },
      env: {},
    });
    expect(opened.getProgress().sessions[0]).toMatchObject({ costUsd: 0.75, estimated: true });
    expect(opened.getResult().totalCostUsd).toBe(0.75);
    await opened.dispose();
  });
});

describe('an estimate of another session that falls', () => {
  test('does not fail a session that it had left too small a cap', async () => {
    const { begins, replies, figure, agent, emits, flush, pass, group } = await puppets(
      [session('a', { priority: 1 }), session('b', { dependsOn: ['c'] }), session('c')],
      { budget: { maxBudgetUsd: 10 } },
    );
    begins('a');
    replies('a', 9);
    begins('c');
    emits('c', { type: 'ended', end: { outcome: 'done', result: '', denials: [] } });
    await flush();
    expect(agent.of('b').spec.maxBudgetUsd).toBe(1);
    begins('b');
    figure('a', 2);
    figure('b', 1);
    emits('b', { type: 'ended', end: { outcome: 'failed', code: 'session_budget', message: 'at its cap' } });
    await pass(1);
    await flush();
    expect(group.getProgress().sessions[1]?.status).not.toBe('failed');
    expect(agent.of('b').spec).toMatchObject({ attempt: 2, maxBudgetUsd: 7 });
  });
});

describe('a conversation that is gone', () => {
  test('is begun anew: what was spent stays, and the group says so', async () => {
    const { begins, figure, emits, ends, agent, group, flush, of, run } = await puppets([session('a')]);
    begins('a');
    figure('a', 0.3, 'conversation');
    const paused = group.pause();
    await flush();
    agent.of('a').yields();
    await paused;
    const resumed = group.resume();
    await flush();
    emits('a', { type: 'started', conversationId: 'another', startedOver: true });
    figure('a', 0.3, 'conversation');
    expect(of('session_started').at(-1)).toMatchObject({
      attempt: 2,
      agentSessionId: 'another',
      startedOver: true,
    });
    expect(of('session_warning').map(({ message }) => message)).toEqual([
      expect.stringContaining('started over'),
    ]);
    ends('a');
    expect(await resumed).toMatchObject({ totalCostUsd: 0.6, sessions: { a: { attempts: 2 } } });
    await run;
  });
});
