import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { deferred } from '../../src/sdk/process/deferred.ts';
import { builtCli, startCli } from '../cli/built-cli.ts';
import { finished } from '../cli/workshop.ts';
import { claudeExecutable } from '../support/claude-bench.ts';
import { agentProcesses, type GroupBench, groupBench } from '../support/group-bench.ts';
import { text, toolUse } from '../support/messages-api/answers.ts';
import { turnsSoFar } from '../support/messages-api/request.ts';

let bench: GroupBench;
beforeEach(async () => {
  builtCli();
  bench = await groupBench();
});
afterEach(() => bench.close());

type Line = Readonly<Record<string, unknown>>;

const conversation = (lines: readonly Line[], type: string, id: string): unknown =>
  lines.find(line => line.type === type && line.sessionId === id)?.agentSessionId;

describe('an engine killed while two clients are in the middle of an answer', () => {
  it('leaves no client, and another engine finishes the same conversations (I7, I14)', async () => {
    const bothAsked = deferred<void>();
    let asked = 0;
    let dead = false;
    let afterwards = 0;
    bench.api.answerWith(async ({ body, side }) => {
      if (side) return undefined;
      if (turnsSoFar(body) === 0) return toolUse('Bash', { command: 'echo step' });
      if (dead) {
        afterwards += 1;
        return text('finished');
      }
      asked += 1;
      if (asked === 2) bothAsked.resolve();
      return { kind: 'silence' };
    });
    const ids = ['a', 'b'];
    const file = join(bench.folder, 'group.json');
    const definition = {
      version: 1,
      name: 'crash',
      config: { model: 'sonnet', permissions: { allow: ['Bash(echo *)'] } },
      sessions: ids.map(id => ({ id, projectPath: bench.repository(id), prompt: `task-${id}` })),
    };
    writeFileSync(file, JSON.stringify(definition));
    const data = join(bench.folder, 'data');
    const env = {
      ...bench.env,
      SESSION_GROUPS_CLAUDE: claudeExecutable(),
      SESSION_GROUPS_DATA_DIR: data,
    };

    const first = startCli(['run', file, '--json'], bench.folder, env);
    await bothAsked.promise;
    const [groupId = ''] = readdirSync(join(data, 'groups'));
    expect(agentProcesses(groupId).length).toBeGreaterThanOrEqual(2);
    dead = true;
    first.process.kill('SIGKILL');
    expect(await first.ended).toBe(137);
    await vi.waitFor(() => expect(agentProcesses(groupId)).toEqual([]), { timeout: 60_000, interval: 20 });
    const before = (await finished(first)).lines;

    const second = await finished(startCli(['group', 'resume', groupId, '--json'], bench.folder, env));
    expect(second.code).toBe(0);
    for (const id of ids) {
      const started = conversation(before, 'session_started', id);
      expect(started).toBeDefined();
      expect(conversation(second.lines, 'session_resumed', id)).toBe(started);
    }
    expect(second.lines.at(-1)).toMatchObject({ type: 'result', status: 'completed' });
    expect(agentProcesses(groupId)).toEqual([]);
    expect(afterwards, 'each interrupted turn is run once').toBe(2);
  });
});
