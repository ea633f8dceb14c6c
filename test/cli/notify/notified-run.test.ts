// @module-tag processes
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { main } from '../../../src/cli/main.ts';
import type { Notice } from '../../../src/cli/notify/notice.ts';
import { FakeIo } from '../fakes.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'session-groups-notify-'));
  await mkdir(join(folder, 'config'));
  await writeFile(
    join(folder, 'group.json'),
    JSON.stringify({
      ...{
        version: 1,
        name: 'Demo',
        config: { agent: { kind: 'scripted', steps: [{ cost: 1 }, { result: 'ok' }] } },
      },
      sessions: [{ id: 'a', projectPath: '.', prompt: 'go' }],
    }),
  );
});
afterEach(() => rm(folder, { recursive: true }));

const configFile = () => join(folder, 'config/config.yaml');
const configured = (notify: object) => writeFile(configFile(), JSON.stringify({ notify }));

async function run() {
  const env = {
    PATH: process.env.PATH,
    TOLD: join(folder, 'told'),
    SESSION_GROUPS_CONFIG_DIR: join(folder, 'config'),
    SESSION_GROUPS_DATA_DIR: join(folder, 'data'),
  };
  const io = new FakeIo({ cwd: folder, env });
  const code = await main(['run', 'group.json', '--plain', '--max-budget-usd', '1.2'], io);
  return { code, err: io.stderr.text };
}

test("the user's own program is told of each thing, in order, and the group ends as without it", async () => {
  await configured({ command: ['sh', '-c', 'cat >> "$TOLD"'] });
  expect(await run()).toMatchObject({ code: 0 });
  const told = (await readFile(join(folder, 'told'), 'utf8')).trimEnd().split('\n');
  const notices = told.map(line => JSON.parse(line) as Notice);
  expect(notices.map(({ kind }) => kind)).toEqual(['budget_warning', 'completed']);
  expect(notices[1]).toMatchObject({ group: 'Demo', title: 'session-groups: Demo', text: 'completed' });
});

test('a receiver that is not there is named, and the group ends as without it', async () => {
  await configured({ command: [join(folder, 'not-there')] });
  const { code, err } = await run();
  expect(code).toBe(0);
  expect(err).toContain('warning: notify.command in config.yaml failed:');
});

test('a wrong configuration is refused with its place before anything starts', async () => {
  await writeFile(configFile(), 'notify:\n  on: [complete]\n');
  const { code, err } = await run();
  expect(code).toBe(2);
  expect(err).toContain(`${configFile()}:2:`);
  expect(err).toContain('completed');
});

test('a command in a file that everybody may write to is refused', async () => {
  await configured({ command: ['true'] });
  await chmod(configFile(), 0o666);
  const { code, err } = await run();
  expect(code).toBe(2);
  expect(err).toContain('chmod o-w');
});
