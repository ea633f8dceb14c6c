import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { createSessionGroup } from '../../../src/sdk/group/create.ts';
import { SessionGroupsError } from '../../../src/sdk/group/errors.ts';
import type { GroupStore } from '../../../src/sdk/group/store.ts';
import type { Agent } from '../../../src/sdk/session/agent.ts';
import { memoryProjectGate } from '../../../src/sdk/session/project-gate.ts';
import { createMemoryStore } from '../../../src/store/memory-store.ts';

const project = mkdtempSync(join(tmpdir(), 'journal-fails-'));
afterAll(() => rmSync(project, { recursive: true, force: true }));

/** A store whose journals are full after so many records. */
function fullAfter(records: number): GroupStore {
  const store = createMemoryStore();
  return {
    ...store,
    async create(group) {
      const owned = await store.create(group);
      let left = records;
      const append: typeof owned.journal.append = record => {
        if (left-- <= 0) throw new SessionGroupsError('disk_full', 'no space is left for the journal');
        owned.journal.append(record);
      };
      return {
        ...owned,
        journal: { append, synced: () => owned.journal.synced(), close: () => owned.journal.close() },
      };
    },
  };
}

it('starts nothing that the journal could not announce, and says what is wrong with it (I10)', async () => {
  let starts = 0;
  const agent: Agent = {
    kind: 'scripted',
    capabilities: { resume: true, usage: 'stream', spends: false, approvals: false },
    start() {
      starts++;
      return { interrupt() {}, terminate() {}, kill() {}, answerPermission() {} };
    },
  };
  const group = await createSessionGroup(
    {
      version: 1,
      name: 'full',
      config: { agent: 'scripted' },
      sessions: [{ id: 'a', projectPath: project, prompt: 'go' }],
    },
    { store: fullAfter(2), agents: { scripted: agent }, projects: memoryProjectGate() },
  );
  await expect(group.run()).rejects.toMatchObject({ code: 'disk_full' });
  expect(starts).toBe(0);
  await group.dispose();
});
