// @module-tag processes
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../../src/sdk/clock.ts';
import { SimulatedClock } from '../../../src/sdk/simulated-clock.ts';
import { gitRunner } from '../../../src/sdk/workspace/git/run.ts';
import { ownProcesses } from '../../support/own-processes.ts';

let folder: string;
let stop: AbortController;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'git-run-'));
  stop = new AbortController();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const GROUP = 'run-test-group';
const env = { PATH: process.env.PATH, HOME: '/nonexistent' };
const site = () => ({ processes: `${GROUP}:one:1`, signal: stop.signal });
const running = () => ownProcesses(`${GROUP}:one:1:`);

/** A git that starts another program, which ignores what it is asked, and waits for it. */
const stubborn = () => ({
  args: ['-c', `alias.wait=!trap "" TERM; touch ${folder}/begun; sleep 1000`, 'wait'],
});
const begun = () => vi.waitUntil(() => existsSync(join(folder, 'begun')), { timeout: 60_000 });

describe('git', () => {
  it('that is canceled is ended with all that it started, then the reason is thrown', async () => {
    const run = gitRunner({ clock: systemClock, env })(stubborn(), site());
    run.catch(() => {});
    await begun();
    expect(running().length).toBeGreaterThan(0);
    const reason = new Error('stopped');
    stop.abort(reason);
    await expect(run).rejects.toBe(reason);
    expect(running()).toEqual([]);
    await expect(gitRunner({ clock: systemClock, env })({ args: ['version'] }, site())).rejects.toBe(reason);
  });

  it('that hangs is ended, and may succeed when it is run again', async () => {
    const clock = new SimulatedClock();
    const run = gitRunner({ clock, env })(stubborn(), site());
    run.catch(() => {});
    await begun();
    clock.advance(15 * 60_000);
    clock.advance(2_000);
    await expect(run).rejects.toMatchObject({ code: 'workspace_failed', retryable: true });
    expect(running()).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it.each([
    { name: 'once is called again', times: 1, wrote: true },
    { name: 'again and again fails, and may succeed later', times: 1_000, wrote: false },
  ])('whose folder for an object is gone $name', async ({ times, wrote }) => {
    // A link to nowhere is to git what a folder is that `git gc` removes right after git has made it.
    const git = execFileSync('which', ['git'], { encoding: 'utf8' }).trim();
    const objects = join(folder, 'repo', '.git', 'objects');
    execFileSync(git, ['init', '-q', join(folder, 'repo')]);
    writeFileSync(
      join(folder, 'git'),
      [
        '#!/bin/sh',
        `echo call >> ${folder}/calls`,
        `[ $(wc -l < ${folder}/calls) -gt ${times} ] && exec ${git} "$@"`,
        `ln -s /nonexistent ${objects}/e6; ${git} "$@"; code=$?; rm ${objects}/e6; exit $code`,
      ].join('\n'),
      { mode: 0o755 },
    );
    const run = gitRunner({ clock: systemClock, env: { ...env, PATH: `${folder}:${env.PATH}` } });
    const args = ['hash-object', '-w', '--stdin'];
    const call = run({ args, input: '', env: { GIT_DIR: join(folder, 'repo', '.git') } }, site());
    const empty = 'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391';
    if (wrote) expect((await call).stdout.toString().trim()).toBe(empty);
    else await expect(call).rejects.toMatchObject({ code: 'workspace_failed', retryable: true });
    expect(readFileSync(join(folder, 'calls'), 'utf8').match(/call/g)).toHaveLength(wrote ? 2 : 5);
    expect(existsSync(join(objects, 'e6', empty.slice(2)))).toBe(wrote);
  });

  it('is read up to a bound', async () => {
    const run = gitRunner({ clock: systemClock, env });
    const { stdout } = await run({ args: ['help', '--all'], most: 100 }, site());
    expect(stdout.length).toBe(100);
  });

  it('that is missing, and what it says on failing, are typed errors', async () => {
    const missing = gitRunner({ clock: systemClock, env: { PATH: folder } });
    await expect(missing({ args: ['version'] }, site())).rejects.toMatchObject({
      code: 'workspace_failed',
      message: expect.stringContaining('ENOENT'),
    });
    const run = gitRunner({ clock: systemClock, env });
    await expect(run({ args: ['rev-parse', '--git-dir'] }, site())).rejects.toMatchObject({
      message: expect.stringMatching(/^git rev-parse: fatal: not a git repository/),
    });
    expect((await run({ args: ['rev-parse', '--git-dir'], codes: [128] }, site())).code).toBe(128);
  });
});
