import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { STEADY_MODEL } from '../support/claude-bench.ts';
import { agentProcesses, type GroupBench, groupBench } from '../support/group-bench.ts';
import { text, toolUse } from '../support/messages-api/answers.ts';
import { conversationText, turnsSoFar } from '../support/messages-api/request.ts';

let bench: GroupBench;
beforeEach(async () => {
  bench = await groupBench();
});
afterEach(async () => {
  expect(bench.api.failures).toEqual([]);
  await bench.close();
});

/** Identifies each session by a word of its prompt: it writes a file, then gives a result. */
function writeOneFileEach(projects: Readonly<Record<string, string>>): void {
  bench.api.answerWith(({ body, side }) => {
    if (side) return undefined;
    const words = conversationText(body);
    const id = Object.keys(projects).find(name => words.includes(`task-${name}`));
    if (id === undefined) return undefined;
    const path = join(projects[id] ?? '', 'made.txt');
    return turnsSoFar(body) === 0
      ? toolUse('Write', { file_path: path, content: `made by ${id}\n` })
      : text(`result of ${id}`);
  });
}

describe('a group of real clients', () => {
  it("works in three repositories in dependency order, passes results on, and reports the client's own cost", async () => {
    const projects = {
      lib: bench.repository('lib'),
      gateway: bench.repository('gateway'),
      web: bench.repository('web'),
    };
    writeOneFileEach(projects);
    const { group, events, all } = await bench.create({
      name: 'three repositories',
      config: { model: STEADY_MODEL, budget: { maxBudgetUsd: 5 } },
      sessions: [
        { id: 'lib', projectPath: projects.lib, prompt: 'task-lib: make the file' },
        {
          id: 'gateway',
          projectPath: projects.gateway,
          prompt: "task-gateway, after <{{ sessions['lib'].result }}>",
          dependsOn: ['lib'],
        },
        { id: 'web', projectPath: projects.web, prompt: 'task-web', dependsOn: ['lib'] },
      ],
    });
    const result = await group.run();
    expect(result.status).toBe('completed');
    for (const [id, path] of Object.entries(projects)) {
      expect(readFileSync(join(path, 'made.txt'), 'utf8')).toBe(`made by ${id}\n`);
    }
    const order = events.flatMap(event =>
      event.type === 'session_started' || event.type === 'session_completed'
        ? [`${event.type} ${event.sessionId}`]
        : [],
    );
    expect(order.slice(0, 2)).toEqual(['session_started lib', 'session_completed lib']);
    const gateway = bench.api.mainRequests.find(({ body }) =>
      conversationText(body).includes('task-gateway'),
    );
    expect(gateway && conversationText(gateway.body)).toContain('task-gateway, after <result of lib>');

    // Two replies each of 100 tokens in and 25 out, at 5 and 25 USD a million: the same as the client's own figure.
    expect(result.sessions.lib?.costUsd).toBe(0.00225);
    expect(result.totalCostUsd).toBe(0.00675);
    expect(result.totalTokens).toEqual({ input: 600, output: 150, cacheRead: 0, cacheWrite: 0 });
    expect(all('cost_reconciled')).toEqual([]); // the estimate was the client's own figure, to the micro-dollar
    expect(agentProcesses(group.id)).toEqual([]);
  });

  it('fails a session whose work was denied', async () => {
    const project = bench.repository('lib');
    bench.api.enqueue(
      toolUse('Bash', { command: `touch ${join(bench.folder, 'never')}` }),
      text('All done!'),
    );
    const { group } = await bench.create({
      name: 'denied',
      config: { permissions: { onRequest: 'fail' } },
      sessions: [{ id: 'a', projectPath: project, prompt: 'do it' }],
    });
    const result = await group.run();
    expect(result).toMatchObject({
      status: 'failed',
      sessions: { a: { status: 'failed', error: { code: 'permission_denied' } } },
    });
    expect(existsSync(join(bench.folder, 'never'))).toBe(false);
  });

  it('fails a session that asks for a permission in an unattended run', async () => {
    const project = bench.repository('lib');
    bench.api.enqueue(
      toolUse('Bash', { command: `touch ${join(bench.folder, 'never')}` }),
      text('All done!'),
    );
    const { group } = await bench.create({
      name: 'unattended',
      sessions: [{ id: 'a', projectPath: project, prompt: 'do it' }],
    });
    expect(await group.run()).toMatchObject({
      status: 'failed',
      sessions: { a: { status: 'failed', attempts: 1, error: { code: 'permission_denied' } } },
    });
  });

  it('runs two sessions of one repository one after the other (I3)', async () => {
    const project = bench.repository('lib');
    bench.api.answerWith(() => text('done'));
    const { group, events } = await bench.create({
      name: 'one repository',
      config: { concurrency: { maxConcurrent: 2 } },
      sessions: [
        { id: 'a', projectPath: project, prompt: 'task-a' },
        { id: 'b', projectPath: project, prompt: 'task-b' },
      ],
    });
    expect((await group.run()).status).toBe('completed');
    const order = events.flatMap(event =>
      event.type === 'session_started' || event.type === 'session_completed'
        ? [`${event.type} ${event.sessionId}`]
        : [],
    );
    expect(order).toEqual([
      'session_started a',
      'session_completed a',
      'session_started b',
      'session_completed b',
    ]);
  });
});
