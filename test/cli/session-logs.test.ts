// @module-tag processes
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { finished, openWorkshop, session, type Workshop } from './workshop.ts';

const CLIENT = fileURLToPath(new URL('../fixtures/hand-claude.mjs', import.meta.url));
const CANARY = 'canary-5c20d1f9';

let shop: Workshop;
beforeEach(async () => {
  shop = await openWorkshop();
});
afterEach(() => shop.close());

describe('session logs', () => {
  const run = async () => {
    rmSync(join(shop.folder, 'a', '.git'), { recursive: true });
    execFileSync('git', ['init', '-q', join(shop.folder, 'a')]);
    const file = await shop.group(
      `  - { id: a, projectPath: a, prompt: go, agent: { kind: claude, executable: ${CLIENT} }, env: { MY_TOKEN: "\${CANARY}" } }\n`,
      'settingSources: [user]',
    );
    const { code } = await finished(shop.startWith({ CANARY }, 'run', file, '--json'));
    expect(code).toBe(0);
  };
  const logs = (...options: string[]) => shop.finished('session', 'logs', 'demo', 'a', ...options);

  it('show what a tool was called with and what it returned, in short, without secrets; the result once', async () => {
    await run();
    const { out, err } = await logs();
    const lines = out.split('\n').map(line => line.slice(21));
    expect(lines[0]).toBe('started, attempt 1');
    expect(lines[1]).toMatch(/^tool Bash echo \[redacted MY_TOKEN\] \(\d+ms\)$/);
    expect(lines.slice(2, 14).map(line => line.trim())).toEqual([
      ...[0, 1, 2, 3, 4, 5, 6].map(n => `line ${n} [redacted MY_TOKEN]`),
      '… 29 lines left out …',
      ...[36, 37, 38, 39].map(n => `line ${n} [redacted MY_TOKEN]`),
    ]);
    expect(lines.slice(14)).toEqual([
      'assistant: told go',
      expect.stringMatching(/^completed in \S+ for \$0\.25$/),
      '',
    ]);
    expect(err).toContain('stderr.log');

    expect((await logs('--tail', '1')).out).toMatch(/^\S+ \S+ {2}completed in .*\n$/);
    expect((await logs('--attempt', '1')).out).toBe(out);
    const third = await logs('--attempt', '3');
    expect([third.code, third.err]).toEqual([2, expect.stringContaining('a has had one attempt')]);
    expect((await logs('--json', '--tail', '2')).lines.map(({ type }) => type)).toEqual([
      'session_progress',
      'session_completed',
    ]);
    // It has settled: there is nothing to wait for.
    expect((await logs('--follow')).out).toBe(out);
  });

  it('--raw prints the lines of the transcript file, with all that was returned', async () => {
    await run();
    const { lines, out } = await logs('--raw');
    expect(lines.map(({ type }) => type)).toEqual([
      'user',
      'system',
      'assistant',
      'user',
      'assistant',
      'result',
    ]);
    expect(out).toContain('line 20 [redacted MY_TOKEN]');
    expect(out).not.toContain(CANARY);
    expect((await logs('--raw', '--tail', '1')).lines).toMatchObject([{ type: 'result' }]);
    expect((await logs('--raw', '--follow')).out).toBe(out);
    for (const other of [['--json'], ['--attempt', '1']]) {
      const { code, err, out: said } = await logs('--raw', ...other);
      expect([code, err + said]).toEqual([2, expect.stringContaining('cannot be combined')]);
    }
  });
});

describe('session logs --follow', () => {
  it('tells each event once until the session has settled, whoever runs its group', async () => {
    const file = await shop.group(
      session('a', '{ text: one }, { tool: Bash, input: { command: npm test } }, { hang: true }') +
        session('b', '{ hang: true }'),
      'concurrency: { maxConcurrent: 1 }',
    );
    const first = shop.start('run', file, '--json');
    await first.says('tool_finished');
    const id = JSON.parse(first.out().split('\n')[0] ?? '').groupId;
    const follower = shop.start('session', 'logs', id, 'a', '--follow', '--json');
    const reader = shop.start('session', 'logs', id, 'a', '-f');
    await follower.says('tool_finished');
    await reader.says('Bash npm test');

    first.process.kill('SIGKILL');
    await follower.says('waiting for one that resumes it');
    const second = shop.start('group', 'resume', id, '--json');
    await follower.says('session_resumed');
    await reader.says('resumed, attempt 2');
    expect((await shop.finished('group', 'pause', id)).code).toBe(0);
    expect(await second.ended).toBe(3);
    await follower.says('session_paused');
    expect((await shop.finished('group', 'stop', id)).code).toBe(0);
    expect([await follower.ended, await reader.ended]).toEqual([0, 0]);

    const told = (await finished(follower)).lines;
    const all = (await shop.finished('session', 'logs', id, 'a', '--json')).lines;
    expect(told).toEqual(all);
    expect(told.at(-1)).toMatchObject({ type: 'session_stopped' });
    expect(reader.out()).toBe((await shop.finished('session', 'logs', id, 'a')).out);
  });
});
