import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** Those that have `node:sqlite`. */
const VERSIONS = ['22.23.3', '24.21.0'];

describe.each(VERSIONS)('the example store over node:sqlite, with Node %s', version => {
  let folder: string;
  let node: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'session-groups-sqlite-'));
    cpSync(join(ROOT, 'examples', 'host-sqlite-store'), folder, { recursive: true });
    const options = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error', '--no-save'];
    execFileSync('npm', ['install', ...options, inject('packed').archive], { cwd: folder, stdio: 'inherit' });
    const script = join(ROOT, 'scripts', 'ensure-node.mjs');
    node = execFileSync(process.execPath, [script, version], { encoding: 'utf8' }).trim();
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const env = () => ({
    ...process.env,
    SESSION_GROUPS_DATA_DIR: join(folder, 'kept'),
    NODE_NO_WARNINGS: '1',
  });

  it('passes the conformance suite of stores', () => {
    const tested = spawnSync(node, ['--test', '--test-reporter=tap', 'conformance.test.mjs'], {
      cwd: folder,
      encoding: 'utf8',
      env: env(),
    });
    expect(tested.stdout).toContain('# fail 0\n');
    expect(tested).toMatchObject({ status: 0, stdout: expect.stringMatching(/# pass [1-9]\d+\n/) });
  });

  it('runs a group, which another process resumes after a kill -9', async () => {
    const project = join(folder, 'project');
    mkdirSync(project);
    const args = ['host.mjs', join(folder, 'groups.db'), project];
    const first = spawn(node, args, { cwd: folder, env: env(), stdio: ['ignore', 'ignore', 'inherit'] });
    const over = once(first, 'exit');
    await expect.poll(() => existsSync(join(project, 'begun')), { timeout: 60_000 }).toBe(true);
    first.kill('SIGKILL');
    await over;
    const { status, stdout } = spawnSync(node, args, { cwd: folder, encoding: 'utf8', env: env() });
    expect(stdout.split('\n')).toEqual([
      'slow works, attempt 2',
      'slow is done',
      'after works, attempt 1',
      'after is done',
      'the group is completed',
      '',
    ]);
    expect(status).toBe(0);
  });
});
