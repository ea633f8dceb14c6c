import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { build, leavesNothing, ownSeconds, sleepersOf, startHost } from '../../support/killed-host.ts';
import { BUNDLER_ROWS, HOSTS, type HostRow, NODE_ROWS } from '../host-rows.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

describe('a host that is killed', () => {
  const nodes = new Map<string, string>();
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'session-groups-hosts-'));
    cpSync(HOSTS, folder, { recursive: true });
    rmSync(join(folder, 'next'), { recursive: true });
    const options = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
    execFileSync('npm', ['install', ...options, inject('packed').archive], { cwd: folder, stdio: 'inherit' });
    for (const { version } of NODE_ROWS) {
      const script = join(ROOT, 'scripts', 'ensure-node.mjs');
      nodes.set(version, execFileSync(process.execPath, [script, version], { encoding: 'utf8' }).trim());
    }
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  let seconds: string;
  afterEach(() => {
    for (const pid of sleepersOf(seconds)) process.kill(pid, 'SIGKILL');
  });

  const started = (row: HostRow) => {
    seconds = ownSeconds();
    return startHost(row, { folder, node: nodes.get(row.version) ?? process.execPath }, seconds);
  };

  /** Kills it, or sees it fail before it has started anything. */
  async function killed(row: HostRow): Promise<void> {
    const host = started(row);
    if (row.failure === undefined) {
      host.stdout.resume();
      host.stderr.pipe(process.stderr, { end: false });
      await leavesNothing(host, seconds);
      return;
    }
    host.stdout.resume();
    const [stderr, [status]] = await Promise.all([text(host.stderr), once(host, 'close')]);
    expect(status).toBeGreaterThan(0);
    expect(stderr).toContain(row.failure);
    expect(sleepersOf(seconds)).toEqual([]);
  }

  it.each(NODE_ROWS)('leaves nothing, or has failed: $host ($version)', killed);

  it.each(BUNDLER_ROWS)('leaves nothing, or has failed: $host ($version)', async row => {
    rmSync(join(folder, 'dist'), { recursive: true, force: true });
    await build(row, folder);
    await killed(row);
  });

  it('leaves nothing either when only its thread is ended', async () => {
    const host = started({ host: 'a worker thread', version: '', start: 'node worker-host.mjs' });
    await expect.poll(() => sleepersOf(seconds).length).toBe(2);
    host.stdin.end('\n');
    const [said] = await Promise.all([text(host.stdout), once(host, 'exit')]);
    expect(said).toBe('the worker has ended\n');
    await expect.poll(() => sleepersOf(seconds)).toEqual([]);
  });

  it('hears which parts of the package its bundle lacks, and what to do', async () => {
    const row = BUNDLER_ROWS.find(({ host }) => host === 'esbuild, ECMAScript module');
    const bundle = {
      ...{ host: '', version: '', start: 'node dist/parts.mjs' },
      build: row?.build?.replaceAll('host.mjs', 'parts.mjs') ?? '',
    };
    rmSync(join(folder, 'dist'), { recursive: true, force: true });
    await build(bundle, folder);
    const host = started(bundle);
    const [stdout, stderr] = await Promise.all([text(host.stdout), text(host.stderr)]);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({
      template: expect.stringContaining('not in this bundle: mark session-groups as external'),
      page: ['package_incomplete', expect.stringContaining('mark session-groups as external')],
      copiedPage: 200,
      inspector: 'http:',
    });
  });
});
