import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { INIT_TEMPLATE } from '../../src/cli/commands/init-template.ts';
import { loadDefinition } from '../../src/sdk/group/definition/definition.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'init-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('the definition of init loads in any folder, without warnings', async () => {
  const file = join(folder, 'session-groups.yaml');
  await writeFile(file, INIT_TEMPLATE);
  const { definition, warnings } = await loadDefinition(file, { env: {} });
  expect(warnings).toEqual([]);
  expect(definition.sessions.map(session => session.projectPath)).toEqual([folder, folder, folder]);
});

test('the definition of init still loads with its commented keys enabled', async () => {
  const file = join(folder, 'session-groups.yaml');
  await writeFile(file, INIT_TEMPLATE.replace(/# (model: \w+)/, '$1'));
  const { definition } = await loadDefinition(file, { env: {} });
  expect(definition.config.model).toBe('sonnet');
});
