import { existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createSessionGroup } from '../../../../src/sdk/group/api/create.ts';
import { memoryProjectGate } from '../../../../src/sdk/project/project-gate.ts';
import type { Agent } from '../../../../src/sdk/session/agent.ts';
import { createFileStore } from '../../../../src/store/file-store.ts';

const folder = () => mkdtempSync(join(tmpdir(), 'sg-folders-'));

/** Runs a group of one session. @returns the `logDir` that its agent got, and the folders of sessions. */
async function ran(logs: boolean | undefined) {
  let logDir: string | undefined;
  const agent: Agent = {
    kind: 'own',
    capabilities: {
      ...{ resume: false, usage: 'none', spends: false, approvals: false },
      ...(logs === undefined ? {} : { logs }),
    },
    start(spec, emit) {
      logDir = spec.logDir;
      queueMicrotask(() => {
        emit({ type: 'started', conversationId: spec.conversation.id });
        emit({ type: 'ended', end: { outcome: 'done', result: 'done', denials: [] } });
      });
      return { interrupt() {}, terminate() {}, kill() {}, answerPermission() {} };
    },
  };
  const group = await createSessionGroup(
    {
      version: 1,
      name: 'Folders',
      config: { agent: { kind: 'own' }, sessionDefaults: { generateClaudeMd: false } },
      sessions: [{ id: 'a', projectPath: folder(), prompt: 'Work' }],
    },
    {
      ...{ agents: { own: agent }, projects: memoryProjectGate(), env: {} },
      store: createFileStore({ dataDir: folder() }),
    },
  );
  const { status } = await group.run();
  await group.dispose();
  const sessions = join(group.dir ?? '', 'sessions');
  return { status, logDir, folders: existsSync(sessions) ? readdirSync(sessions) : [] };
}

test('an agent that writes no logs gets no folder, and none is created', async () => {
  expect(await ran(false)).toEqual({ status: 'completed', logDir: undefined, folders: [] });
});

test.each([undefined, true])('any other gets the folder of its session (logs: %s)', async logs => {
  const { status, logDir, folders } = await ran(logs);
  expect([status, folders]).toEqual(['completed', ['001-a']]);
  expect(logDir).toMatch(/sessions\/001-a$/);
});
