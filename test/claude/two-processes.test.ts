import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startCli } from '../cli/built-cli.ts';
import { claudeExecutable, STEADY_MODEL } from '../support/claude-bench.ts';
import { answerInDimes } from '../support/dime-replies.ts';
import { agentProcesses, type GroupBench, groupBench } from '../support/group-bench.ts';

let bench: GroupBench;
beforeEach(async () => {
  bench = await groupBench();
});
afterEach(async () => {
  expect(bench.api.failures).toEqual([]);
  await bench.close();
});

interface Line {
  readonly type: string;
  readonly sessionId?: string;
  readonly agentSessionId?: string;
  readonly [key: string]: unknown;
}

const lines = (out: string): Line[] =>
  out
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as Line);

describe('the budget over two processes', () => {
  it('pauses three live clients at one dollar, and another process finishes the same three conversations', async () => {
    const ids = ['a', 'b', 'c'];
    const dimes = answerInDimes(bench.api, ids);
    const file = join(bench.folder, 'group.json');
    const definition = {
      version: 1,
      name: 'one dollar',
      config: {
        model: STEADY_MODEL,
        budget: { maxBudgetUsd: 1 },
        permissions: { allow: ['Bash(echo *)'] },
      },
      sessions: ids.map(id => ({ id, projectPath: bench.repository(id), prompt: `task-${id}` })),
    };
    writeFileSync(file, JSON.stringify(definition));
    const env = {
      ...bench.env,
      SESSION_GROUPS_CLAUDE: claudeExecutable(),
      SESSION_GROUPS_DATA_DIR: join(bench.folder, 'data'),
    };

    const first = startCli(['run', file, '--json'], bench.folder, env);
    expect(await first.ended).toBe(3);
    const before = lines(first.out());
    const paused = before.at(-1);
    expect(paused).toMatchObject({ type: 'result', status: 'paused', reason: 'budget_exceeded' });
    const groupId = String(paused?.groupId);
    expect(agentProcesses(groupId)).toEqual([]);
    expect(before.filter(line => line.type === 'budget_exceeded')).toHaveLength(1);
    expect(Number(paused?.totalCostUsd)).toBeGreaterThanOrEqual(1);
    expect(Number(paused?.totalCostUsd)).toBeLessThanOrEqual(1.3 + 1e-9); // one request a session (I9)

    dimes.goOn();
    const refused = startCli(['group', 'resume', groupId, '--json'], bench.folder, env);
    expect(await refused.ended).toBe(5);
    expect(lines(refused.out()).at(-1)).toMatchObject({ type: 'error', code: 'budget_exhausted' });

    const second = startCli(
      ['group', 'resume', groupId, '--max-budget-usd', '10', '--json'],
      bench.folder,
      env,
    );
    expect(await second.ended).toBe(0);
    const after = lines(second.out());
    const conversation = (list: readonly Line[], type: string, id: string) =>
      list.find(line => line.type === type && line.sessionId === id)?.agentSessionId;
    for (const id of ids) {
      const started = conversation(before, 'session_started', id);
      expect(started).toBeDefined();
      expect(conversation(after, 'session_resumed', id)).toBe(started);
    }
    expect(after.at(-1)).toMatchObject({ type: 'result', status: 'completed' });
    // The last progress of each session has the client's own cumulative cost.
    const total = ids.reduce((sum, id) => {
      const last = after.filter(line => line.type === 'session_progress' && line.sessionId === id).at(-1);
      expect(last).toMatchObject({ estimated: false });
      return sum + Number(last?.costUsd);
    }, 0);
    expect(after.at(-1)?.totalCostUsd).toBeCloseTo(total, 9);
    expect(agentProcesses(groupId)).toEqual([]);
  });
});
