import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/sdk/clock.ts';
import { QuotaGate } from '../../src/sdk/group/schedule/quota-gate.ts';
import { STEADY_MODEL } from '../support/claude-bench.ts';
import { agentProcesses, type GroupBench, groupBench } from '../support/group-bench.ts';
import { rateLimited, subscriptionLimit, text, toolUse } from '../support/messages-api/answers.ts';
import { conversationText, turnsSoFar } from '../support/messages-api/request.ts';
import { passingClock } from '../support/passing-clock.ts';

let bench: GroupBench;
afterEach(async () => {
  expect(bench.api.failures).toEqual([]);
  await bench.close();
});

describe('limits of the account and of the budget', () => {
  it('parks a session at its plan limit, blocks the account for the others, and continues after the reset', async () => {
    bench = await groupBench({ login: 'subscription' });
    const clock = passingClock();
    let resetsAt = 0;
    bench.api.answerWith(({ side }) => {
      if (side) return undefined;
      if (resetsAt > 0) return text('done');
      resetsAt = Math.ceil(clock.now() / 1_000) + 3_600;
      return subscriptionLimit(resetsAt);
    });
    const { group, all, first } = await bench.create(
      {
        name: 'plan limit',
        config: { concurrency: { maxConcurrent: 1 } },
        sessions: ['a', 'b'].map(id => ({ id, projectPath: bench.repository(id), prompt: `task-${id}` })),
      },
      { clock, quota: new QuotaGate(clock, () => 0) },
    );
    const run = group.run();
    await first('quota_limited');
    clock.pass(3_600_000);
    const result = await run;
    expect(result).toMatchObject({
      status: 'completed',
      sessions: { a: { attempts: 2 }, b: { attempts: 1 } },
    });
    const [limited, ...more] = all('quota_limited');
    expect(more).toEqual([]);
    expect(limited).toMatchObject({
      account: 'claude',
      sessionId: 'a',
      until: new Date(resetsAt * 1_000).toISOString(),
    });
    expect(all('session_retrying')).toEqual([]); // a usage limit is not a failure
    const starts = all('session_started').map(event => Date.parse(event.time));
    expect(starts[1] ?? 0).toBeGreaterThanOrEqual(resetsAt * 1_000);
  });

  it('waits out a limit without a known reset time', async () => {
    bench = await groupBench();
    bench.api.answerWith(() => rateLimited(300));
    const { group, first } = await bench.create(
      {
        name: 'blind limit',
        sessions: [{ id: 'a', projectPath: bench.repository('a'), prompt: 'go' }],
      },
      { quota: new QuotaGate(systemClock, () => 0) },
    );
    const run = group.run();
    const limited = await first('quota_limited');
    // The gate reads the clock a moment before the event does.
    const closedFor = Date.parse(limited.until) - Date.parse(limited.time);
    expect(closedFor).toBeGreaterThan(30_000);
    expect(closedFor).toBeLessThanOrEqual(60_000);
    expect(group.why('a')).toMatchObject({ kind: 'quota', account: 'claude' });
    expect(agentProcesses(group.id)).toEqual([]);
    await group.stop();
    expect((await run).status).toBe('stopped');
  });

  it("counts a subagent's cost as the client does", async () => {
    bench = await groupBench();
    const usage = { input: 10_000, output: 1_000 };
    bench.api.answerWith(({ body, side }) => {
      if (side) return undefined;
      if (
        conversationText(body).includes('task-of-the-subagent') &&
        !conversationText(body).includes('task-main')
      ) {
        return text('found it', { usage });
      }
      return turnsSoFar(body) === 0
        ? toolUse(
            'Task',
            { description: 'look', prompt: 'task-of-the-subagent', subagent_type: 'general-purpose' },
            { usage },
          )
        : text('done', { usage });
    });
    const { group } = await bench.create({
      name: 'subagent',
      config: { model: STEADY_MODEL },
      sessions: [{ id: 'a', projectPath: bench.repository('a'), prompt: 'task-main' }],
    });
    const result = await group.run();
    expect(result.status).toBe('completed');
    expect(bench.api.mainRequests).toHaveLength(3);
    // Three replies of 10,000 tokens in and 1,000 out, at 5 and 25 USD a million.
    expect(result.totalCostUsd).toBeCloseTo(0.225, 9);
  });

  it("pauses over a subagent's cost before the subagent is done, as far as the stream shows it", async () => {
    bench = await groupBench();
    const usage = { input: 10_000, output: 1_000 };
    bench.api.answerWith(({ body, side }) => {
      if (side) return undefined;
      const isSubagent = !conversationText(body).includes('task-main');
      if (!isSubagent) {
        return toolUse(
          'Task',
          { description: 'look', prompt: 'task-of-the-subagent', subagent_type: 'general-purpose' },
          { usage },
        );
      }
      return turnsSoFar(body) < 30
        ? toolUse('Bash', { command: 'echo step' }, { usage })
        : text('done', { usage });
    });
    const { group } = await bench.create({
      name: 'dear subagent',
      config: { budget: { maxBudgetUsd: 0.1 }, permissions: { allow: ['Bash(echo *)'] } },
      sessions: [{ id: 'a', projectPath: bench.repository('a'), prompt: 'task-main' }],
    });
    const result = await group.run();
    expect(result).toMatchObject({ status: 'paused', reason: 'budget_exceeded' });
    expect(bench.api.mainRequests.length).toBeLessThanOrEqual(5);
    expect(agentProcesses(group.id)).toEqual([]);
  });
});
