// @module-tag processes
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { createSessionGroup } from '../../../../src/sdk/group/api/create.ts';
import type { GroupEvent } from '../../../../src/sdk/group/journal/events.ts';
import { memoryProjectGate } from '../../../../src/sdk/project/project-gate.ts';

const project = mkdtempSync(join(tmpdir(), 'start-over-'));
afterAll(() => rmSync(project, { recursive: true, force: true }));

it('reports when a paused command starts over', async () => {
  const script = "require('fs').existsSync('go') ? console.log('done') : setInterval(() => {}, 1000)";
  const group = await createSessionGroup(
    {
      version: 1,
      name: 'commands',
      config: { agent: { kind: 'command', command: [process.execPath, '-e', script] } },
      sessions: [{ id: 'waits', projectPath: project, prompt: 'x' }],
    },
    { projects: memoryProjectGate() },
  );
  const events: GroupEvent[] = [];
  group.events$.subscribe(event => events.push(event));
  const started = new Promise<void>(resolve => {
    group.events$.subscribe(event => event.type === 'session_started' && resolve());
  });
  void group.run();
  await started;
  expect((await group.pause()).status).toBe('paused');
  writeFileSync(join(project, 'go'), '');
  expect(await group.resume()).toMatchObject({
    status: 'completed',
    sessions: { waits: { result: 'done' } },
  });
  const starts = events.filter(event => event.type === 'session_started');
  expect(starts).toMatchObject([{ attempt: 1 }, { attempt: 2, startedOver: true }]);
  expect(starts[0]).not.toHaveProperty('startedOver');
  await group.dispose();
});
