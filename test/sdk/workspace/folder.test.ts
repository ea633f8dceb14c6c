import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../../../src/sdk/clock.ts';
import { errorOf } from '../../../src/sdk/group/tree/tree-words.ts';
import { memoryProjectGate } from '../../../src/sdk/project/project-gate.ts';
import { createWorkspaces } from '../../../src/sdk/workspace/workspaces.ts';

test('a folder of workspaces that cannot be made is named, with the variable that chooses another', () => {
  const place = mkdtempSync(join(tmpdir(), 'workspaces-'));
  const file = join(place, 'file');
  writeFileSync(file, '');
  try {
    // Below /proc, Node's own recursive mkdir never comes back.
    for (const workDir of ['/proc/none', '/proc/none/below', join(file, 'below'), file]) {
      let thrown: unknown;
      try {
        createWorkspaces({ clock: systemClock, env: {}, workDir, gate: memoryProjectGate() });
      } catch (error) {
        thrown = error;
      }
      const { code, message } = errorOf(thrown);
      expect([code, message]).toEqual(['prepare_failed', expect.stringContaining(workDir)]);
      expect(message).toContain('SESSION_GROUPS_WORK_DIR');
    }
  } finally {
    rmSync(place, { recursive: true });
  }
});
