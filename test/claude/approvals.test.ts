import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { agentProcesses, type GroupBench, groupBench } from '../support/group-bench.ts';
import { reply, text, toolUse } from '../support/messages-api/answers.ts';
import { turnsSoFar } from '../support/messages-api/request.ts';

let bench: GroupBench;
beforeEach(async () => {
  bench = await groupBench();
});
afterEach(async () => {
  expect(bench.api.failures).toEqual([]);
  await bench.close();
});

// `acceptEdits` allows touch and the like inside the project; outside the client asks.
it('asks for each of two tools of one reply in turn, and runs the allowed one', async () => {
  const project = bench.repository('a');
  const touch = (name: string) => ({ tool: 'Bash', input: { command: `touch ${join(bench.folder, name)}` } });
  bench.api.answerWith(({ body, side }) => {
    if (side) return undefined;
    return turnsSoFar(body) === 0 ? reply([touch('yes'), touch('no')]) : text('done what I may');
  });
  const { group, all } = await bench.create(
    { name: 'two approvals', sessions: [{ id: 'a', projectPath: project, prompt: 'touch two files' }] },
    { attended: true },
  );
  group.events$.subscribe(event => {
    if (event.type !== 'approval_requested') return;
    const command = String(event.input.command);
    void group.answer(event.requestId, command.endsWith('yes') ? 'allow' : 'deny', 'test');
  });
  const result = await group.run();
  expect(result).toMatchObject({ status: 'completed', sessions: { a: { result: 'done what I may' } } });
  expect(
    all('approval_answered')
      .map(event => event.decision)
      .sort(),
  ).toEqual(['allow', 'deny']);
  expect(existsSync(join(bench.folder, 'yes'))).toBe(true);
  expect(existsSync(join(bench.folder, 'no'))).toBe(false);
});

it('pauses while a permission request is pending, and asks again after the resume', async () => {
  const project = bench.repository('a');
  const made = join(bench.folder, 'made');
  bench.api.answerWith(({ side }) => {
    if (side) return undefined;
    return existsSync(made) ? text('done') : toolUse('Bash', { command: `touch ${made}` });
  });
  const { group, first, all } = await bench.create(
    { name: 'pause at approval', sessions: [{ id: 'a', projectPath: project, prompt: 'touch' }] },
    { attended: true },
  );
  const run = group.run();
  await first('approval_requested');
  expect(group.why('a')).toMatchObject({ kind: 'approval', tool: 'Bash' });
  expect((await group.pause()).status).toBe('paused');
  expect((await run).status).toBe('paused');
  expect(agentProcesses(group.id)).toEqual([]);
  expect(existsSync(made)).toBe(false);
  await expect(group.answer(all('approval_requested')[0]?.requestId ?? '', 'allow')).rejects.toMatchObject({
    code: 'no_such_request',
  });

  group.events$.subscribe(event => {
    if (event.type === 'approval_requested') void group.answer(event.requestId, 'allow');
  });
  expect(await group.resume()).toMatchObject({ status: 'completed', sessions: { a: { result: 'done' } } });
  expect(existsSync(made)).toBe(true);
});

it('brings questions and plans to a person with their options, and the answers to the model', async () => {
  const project = bench.repository('a');
  const option = (label: string) => ({ label, description: `It is ${label}` });
  const questions = [
    { question: 'Which colour?', header: 'Colour', multiSelect: false, options: ['Red', 'Blue'].map(option) },
    { question: 'Which sizes?', header: 'Sizes', multiSelect: true, options: ['S', 'M', 'L'].map(option) },
  ];
  const heard: string[] = [];
  bench.api.answerWith(({ body, side }) => {
    if (side) return undefined;
    heard.push(JSON.stringify(body.messages));
    const turns = turnsSoFar(body);
    if (turns === 0) return toolUse('AskUserQuestion', { questions });
    // The client shows a plan that stands in the file that it has named.
    const [file_path] = heard[0]?.match(/\/[^\s"`]*\/plans\/[^\s"`]*\.md/) ?? [];
    if (turns === 1) return toolUse('Write', { file_path, content: 'My plan' });
    return turns <= 3 ? toolUse('ExitPlanMode', {}) : text('planned');
  });
  const { group, all } = await bench.create(
    {
      name: 'questions',
      config: { permissions: { mode: 'plan', deny: [] } },
      sessions: [{ id: 'a', projectPath: project, prompt: 'plan' }],
    },
    { attended: true },
  );
  const refused: unknown[] = [];
  group.events$.subscribe(async event => {
    if (event.type !== 'approval_requested') return;
    const { requestId, tool, input } = event;
    if (tool === 'ExitPlanMode') {
      expect(input.plan).toBe('My plan');
      const isFirst = all('approval_answered').length === 1;
      return isFirst
        ? group.answer(requestId, 'deny', { answer: 'Shorter, please' })
        : group.answer(requestId, 'allow');
    }
    await group.answer(requestId, 'allow', { answer: 'Green\n9' }).catch(error => refused.push(error));
    return group.answer(requestId, 'allow', { answer: 'Green\nL, 1' });
  });
  expect(await group.run()).toMatchObject({ status: 'completed', sessions: { a: { result: 'planned' } } });
  expect(all('approval_requested').map(({ tool }) => tool)).toEqual([
    ...['AskUserQuestion', 'ExitPlanMode', 'ExitPlanMode'],
  ]);
  expect(refused).toMatchObject([{ code: 'not_an_option' }]);
  expect(all('approval_answered')).toMatchObject([
    { decision: 'allow', answer: 'Green\nL, S' },
    { decision: 'deny', answer: 'Shorter, please' },
    { decision: 'allow' },
  ]);
  expect(heard.at(-1)).toMatch(/Which colour\?\W+Green/);
  expect(heard.at(-1)).toMatch(/Which sizes\?\W+L, S/);
  expect(heard.at(-1)).toContain('Shorter, please');
});
