// @module-tag processes
import { spawn } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { builtCli } from './built-cli.ts';
import { openWorkshop, session, type Workshop } from './workshop.ts';

/** Following a group in another process on a pseudo-terminal (from `script`). */
describe('following a group on a terminal', () => {
  let shop: Workshop;
  beforeAll(async () => {
    shop = await openWorkshop();
  });
  afterAll(() => shop.close());

  function terminal(...argv: string[]) {
    const command = [process.execPath, builtCli(), ...argv].map(word => `'${word}'`).join(' ');
    const child = spawn('script', ['-qec', `stty cols 100 rows 30; ${command}`, '/dev/null'], {
      cwd: shop.folder,
      env: {
        ...process.env,
        SESSION_GROUPS_DATA_DIR: shop.dataDir,
        ...{ LC_ALL: 'C.UTF-8', TERM: 'xterm', CI: '' },
      },
    });
    let text = '';
    child.stdout.on('data', bytes => {
      text += bytes;
    });
    return {
      type: (keys: string) => child.stdin.write(keys),
      shows: (wanted: string) =>
        vi.waitFor(() => expect(stripVTControlCharacters(text)).toContain(wanted), { timeout: 60_000 }),
      ended: new Promise<number | null>(resolve => child.once('close', resolve)),
    };
  }
  const statusOf = async (id: string) =>
    (await shop.finished('group', 'show', id, '--json')).lines[0]?.status;

  it('q detaches and the group keeps running; Ctrl-C pauses it', async () => {
    const file = await shop.group(session('a', '{ hang: true }'));
    const run = shop.start('run', file, '--json');
    await run.says('session_started');
    const id = JSON.parse(run.out().split('\n')[0] ?? '').groupId;

    const first = terminal('group', 'resume', id, '--max-budget-usd', '20');
    await first.shows('q detaches; the group keeps running');
    first.type('q');
    await first.shows('Detached; the group keeps running.');
    expect(await first.ended).toBe(0);
    expect(await statusOf(id)).toBe('running');

    const third = terminal('group', 'watch', id, '--live');
    await third.shows('Demo  running');
    await third.shows('q detaches; the group keeps running');
    third.type('\u0003'); // an observer does not pause the group
    expect(await third.ended).toBe(130);
    expect(await statusOf(id)).toBe('running');

    const second = terminal('group', 'resume', id, '--max-budget-usd', '30');
    await second.shows('q detaches; the group keeps running');
    second.type('\u0003');
    expect(await second.ended).toBe(3);
    expect(await run.ended).toBe(3);
    expect(await statusOf(id)).toBe('paused');
    // Without an owner nothing will change: it prints the events.
    expect((await shop.finished('group', 'watch', id, '--live')).out).toContain('a: started');
  });

  it('--live and --json cannot be combined', async () => {
    const { code, out } = await shop.finished('group', 'watch', 'x', '--live', '--json');
    expect([code, out]).toEqual([2, expect.stringContaining('cannot be combined')]);
  });
});
