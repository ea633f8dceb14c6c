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
