import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openSessionGroup } from '../../src/sdk/group/api/create.ts';
import { isRunning, STEADY_MODEL } from '../support/claude-bench.ts';
import { clientFigures } from '../support/client-figures.ts';
import { answerInDimes } from '../support/dime-replies.ts';
import { agentProcesses, type GroupBench, groupBench, watchGroup } from '../support/group-bench.ts';
import { contentOf, filesBelow } from '../support/live-folder.ts';
import { silence, slow, text, toolUse, unauthorized } from '../support/messages-api/answers.ts';
import { Gate } from '../support/messages-api/pace.ts';
import { conversationText } from '../support/messages-api/request.ts';
import { passingClock } from '../support/passing-clock.ts';

let bench: GroupBench;
beforeEach(async () => {
  bench = await groupBench();
});
afterEach(async () => {
  expect(bench.api.failures).toEqual([]);
  await bench.close();
});

/** What the client has kept of its conversations. */
const keptByClient = (): string => {
  const folder = join(bench.folder, 'config', 'projects');
  return filesBelow(folder)
    .filter(file => file.endsWith('.jsonl'))
    .map(file => contentOf(file)?.toString('utf8') ?? '')
    .join('');
};

const GO_ON = 'Continue where you left off.';

describe('control over a group of real clients', () => {
  it('pauses in the middle of an answer, leaves no process, and continues in the same conversation', async () => {
    const gate = new Gate();
    bench.api.enqueue(slow('one two three four', gate), text('five'));
    gate.release(2);
    const { group, first, all } = await bench.create({
      name: 'mid answer',
      sessions: [{ id: 'a', projectPath: bench.repository('a'), prompt: 'Count, please.' }],
    });
    const run = group.run();
    await gate.reached();
    const paused = await group.pause();
    expect(paused).toMatchObject({ status: 'paused', sessions: { a: { status: 'paused' } } });
    expect((await run).status).toBe('paused');
    expect(agentProcesses(group.id)).toEqual([]);

    const result = await group.resume();
    expect(result).toMatchObject({ status: 'completed', sessions: { a: { attempts: 2, result: 'five' } } });
    const [started] = all('session_started');
    expect(await first('session_resumed')).toMatchObject({
      agentSessionId: started?.agentSessionId,
      attempt: 2,
    });
    const request = bench.api.mainRequests.at(-1);
    const words = request ? conversationText(request.body) : '';
    expect(words).toContain('Count, please.');
    expect(words.includes('one ')).toBe(keptByClient().includes('one ')); // 2.1.197 keeps nothing of a cut answer
    expect(words).toContain(GO_ON);
  });

  it('pauses in the middle of a tool and ends its child', async () => {
    bench.api.enqueue(toolUse('Bash', { command: 'sleep 7411' }), text('slept'));
    const { group } = await bench.create({
      name: 'mid tool',
      config: { permissions: { allow: ['Bash(sleep *)'] } },
      sessions: [{ id: 'a', projectPath: bench.repository('a'), prompt: 'Sleep.' }],
    });
    void group.run();
    await vi.waitFor(async () => expect(await isRunning('sleep', '7411')).toBe(true), 60_000);
    await group.pause();
    expect(await isRunning('sleep', '7411')).toBe(false);
    expect(agentProcesses(group.id)).toEqual([]);
    expect((await group.resume()).status).toBe('completed');
  });

  it('pauses before the client has produced any output, and starts with the original prompt later', async () => {
    bench.api.enqueue(text('done'));
    const { group } = await bench.create({
      name: 'before init',
      sessions: [{ id: 'a', projectPath: bench.repository('a'), prompt: 'The original prompt.' }],
    });
    void group.run();
    await vi.waitFor(() => expect(agentProcesses(group.id).length).toBeGreaterThan(0), 60_000);
    expect((await group.pause()).status).toBe('paused');
    expect(agentProcesses(group.id)).toEqual([]);
    expect(await group.resume()).toMatchObject({ status: 'completed', sessions: { a: { result: 'done' } } });
    const request = bench.api.mainRequests.at(-1);
    expect(request && conversationText(request.body)).toContain('The original prompt.');
  });

  it('stops spending at the limit while three sessions are live, and another owner finishes the same conversations', async () => {
    const ids = ['a', 'b', 'c'];
    const dimes = answerInDimes(bench.api, ids);
    const { agents, figures, total } = clientFigures();
    const { group, all } = await bench.create(
      {
        name: 'one dollar',
        config: {
          model: STEADY_MODEL,
          budget: { maxBudgetUsd: 1 },
          permissions: { allow: ['Bash(echo *)'] },
        },
        sessions: ids.map(id => ({ id, projectPath: bench.repository(id), prompt: `task-${id}` })),
      },
      { agents },
    );
    const paused = await group.run();
    const requests = bench.api.mainRequests.length;
    expect(paused).toMatchObject({ status: 'paused', reason: 'budget_exceeded' });
    expect(agentProcesses(group.id)).toEqual([]);
    expect(all('budget_warning')).toHaveLength(1);
    expect(all('budget_exceeded')).toMatchObject([{ limitUsd: 1, action: 'pause' }]);
    // At most one more request per live session (I9).
    expect(paused.totalCostUsd).toBeGreaterThanOrEqual(1);
    expect(requests).toBeLessThanOrEqual(10 + ids.length);
    expect(paused.totalCostUsd).toBeLessThanOrEqual(1 + 0.1 * ids.length + 1e-9);
    dimes.goOn();
    await expect(group.resume()).rejects.toMatchObject({ code: 'budget_exhausted' });
    await group.dispose();

    const again = await openSessionGroup(group.id, { ...bench.options, agents });
    const watched = watchGroup(again);
    const result = await again.resume({ maxBudgetUsd: 10 });
    expect(result.status).toBe('completed');
    for (const id of ids) {
      const started = all('session_started').find(event => event.sessionId === id);
      const resumed = watched.all('session_resumed').find(event => event.sessionId === id);
      expect(resumed?.agentSessionId).toBe(started?.agentSessionId);
    }
    // The last figures are the client's own total.
    expect(figures.size).toBeGreaterThanOrEqual(ids.length);
    expect(result.totalCostUsd).toBeCloseTo(total(), 9);
    await again.dispose();
  });

  it('pauses the group at a bad login instead of failing session after session', async () => {
    bench.api.answerWith(() => unauthorized());
    const { group } = await bench.create({
      name: 'bad login',
      config: { concurrency: { maxConcurrent: 1 } },
      sessions: ['a', 'b', 'c'].map(id => ({ id, projectPath: bench.repository(id), prompt: 'do it' })),
    });
    const result = await group.run();
    expect(result).toMatchObject({
      status: 'paused',
      reason: 'agent_unavailable',
      sessions: {
        a: { status: 'paused', attempts: 1 },
        b: { status: 'pending', attempts: 0 },
        c: { status: 'pending', attempts: 0 },
      },
    });
    expect(agentProcesses(group.id)).toEqual([]);
  });

  it('ends a silent stall by the watchdog and retries in the same conversation', async () => {
    bench.api.enqueue(silence(), text('awake'));
    const clock = passingClock();
    const { group, all, first } = await bench.create(
      {
        name: 'stall',
        config: { timeouts: { idle: '1m' }, retry: { initialInterval: 1 } },
        sessions: [{ id: 'a', projectPath: bench.repository('a'), prompt: 'hello' }],
      },
      { clock },
    );
    const run = group.run();
    await Promise.all([first('session_started'), bench.api.arrived(1)]);
    clock.pass(60_000); // if the client said something after this, the test takes a minute longer
    const result = await run;
    expect(result).toMatchObject({ status: 'completed', sessions: { a: { attempts: 2, result: 'awake' } } });
    expect(all('session_retrying')).toMatchObject([{ error: { code: 'idle_timeout' } }]);
    expect(agentProcesses(group.id)).toEqual([]);
  });
});
