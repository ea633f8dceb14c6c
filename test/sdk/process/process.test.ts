// @module-tag processes
import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { findMarked } from '../../../src/sdk/process/process.ts';
import { nextTurn } from '../../../src/sdk/process/process-table.ts';
import { SimulatedClock } from '../../../src/sdk/simulated-clock.ts';
import { isAlive, run, runCommand } from './process-fixture.ts';

const survivors = [
  { whose: 'in its process group', options: [] },
  { whose: 'that called setsid', options: ['--setsid'] },
  { whose: 'that called setsid and ignores SIGTERM', options: ['--setsid', '--deaf'] },
  { whose: 'that keeps its pipes open', options: ['--setsid', '--hold-pipe'] },
];

describe('nothing outlives a process (AGENT-2, I7)', () => {
  for (const { whose, options } of survivors) {
    test(`a child ${whose} is gone after a plain exit`, async () => {
      const child = run('leave-behind.mjs', [...options, '--exit', '0']);
      const orphan = Number(await child.nextLine());
      const exit = await child.exited;
      expect(isAlive(orphan)).toBe(false);
      expect(exit).toEqual({ code: 0, signal: null, stderrTail: '' });
    });

    test(`a child ${whose} is gone after terminate`, async () => {
      const child = run('leave-behind.mjs', options);
      const orphan = Number(await child.nextLine());
      child.terminate();
      const exit = await child.exited;
      expect(isAlive(orphan)).toBe(false);
      expect(exit.signal).toBe('SIGTERM');
    });

    test(`a child ${whose} is gone after kill`, async () => {
      const child = run('leave-behind.mjs', options);
      const orphan = Number(await child.nextLine());
      expect(isAlive(orphan)).toBe(true);
      child.kill();
      const exit = await child.exited;
      expect(isAlive(orphan)).toBe(false);
      expect(exit.signal).toBe('SIGKILL');
    });
  }

  test('kill also reaches a child that left the group with an empty environment', async () => {
    const child = run('leave-behind.mjs', ['--setsid', '--no-env', '--deaf']);
    const orphan = Number(await child.nextLine());
    child.kill();
    await child.exited;
    expect(isAlive(orphan)).toBe(false);
  });

  test('kill during the grace of survivors of a plain exit ends them at once', async () => {
    const child = run('leave-behind.mjs', ['--setsid', '--deaf', '--exit', '0']);
    const orphan = Number(await child.nextLine());
    child.kill();
    await child.exited;
    expect(isAlive(orphan)).toBe(false);
  });

  test('a process that ignores SIGTERM stays after terminate and goes at kill', async () => {
    const child = run('stay.mjs', ['--deaf']);
    await child.nextLine();
    child.terminate();
    expect(await child.nextLine()).toBe('heard');
    expect(isAlive(child.pid ?? 0)).toBe(true);
    child.kill();
    expect((await child.exited).signal).toBe('SIGKILL');
    expect(isAlive(child.pid ?? 0)).toBe(false);
  });

  test('the calls do nothing after the end, in any order', async () => {
    const child = run('say.mjs');
    const exit = await child.exited;
    child.kill();
    child.terminate();
    child.write('late');
    child.endInput();
    child.kill();
    expect(await child.exited).toBe(exit);
  });

  test('kill right after the start ends it', async () => {
    const child = run('stay.mjs');
    child.kill();
    child.kill();
    expect((await child.exited).signal).toBe('SIGKILL');
  });
});

/** Lets simulated time pass while real looks at the process table go on. */
async function driven<T>(clock: SimulatedClock, promise: Promise<T>): Promise<T> {
  let settled = false;
  void promise.finally(() => {
    settled = true;
  });
  while (!settled) {
    clock.advance(10);
    await nextTurn();
  }
  return promise;
}

describe('a process that cannot be ended', () => {
  afterEach(() => void vi.restoreAllMocks());

  test('does not delay the end forever, and is named', async () => {
    const clock = new SimulatedClock();
    const child = run('stay.mjs', [], {}, clock);
    await child.nextLine();
    vi.spyOn(process, 'kill').mockReturnValue(true); // like a process that is stuck in the kernel
    child.kill();
    const exit = await driven(clock, child.exited);
    vi.restoreAllMocks();
    expect(isAlive(child.pid ?? 0)).toBe(true);
    expect(exit).toEqual({
      code: null,
      signal: null,
      stderrTail: `\nprocesses that could not be ended: ${child.pid}\n`,
    });
    process.kill(child.pid ?? 0, 'SIGKILL');
    await vi.waitFor(() => expect(isAlive(child.pid ?? 0)).toBe(false), 20_000);
  });
});

describe('findMarked', () => {
  test('finds a child by its marker even if it called setsid, and not after its end', async () => {
    const marker = 'group:session:1:found-by-this';
    const child = run('leave-behind.mjs', ['--setsid'], { marker });
    const orphan = Number(await child.nextLine());
    expect(findMarked(found => found === marker).sort()).toEqual([child.pid, orphan].sort());
    child.kill();
    await child.exited;
    expect(findMarked(found => found === marker)).toEqual([]);
  });
});

describe('output', () => {
  test('a child gets its folder and input, and its lines are handed over', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'session groups '));
    const child = run('echo-stdin.mjs', [], { cwd: folder });
    child.write('first\nsecönd\nno newline');
    child.endInput();
    expect((await child.exited).code).toBe(0);
    expect(child.lines).toEqual([folder, 'first', 'secönd', 'no newline']);
  });

  test('ten megabytes without a newline are one line', async () => {
    const child = run('flood.mjs', ['10']);
    expect((await child.exited).code).toBe(0);
    expect(child.lines.map(line => line.length)).toEqual([10 * 1024 * 1024]);
  });

  test('a line of more than 16 MiB is cut there and flagged', async () => {
    const seen: [number, boolean][] = [];
    const child = run('flood.mjs', ['18'], {
      stdout: { onLine: (line, truncated) => seen.push([line.length, truncated]) },
    });
    expect((await child.exited).code).toBe(0);
    expect(seen).toEqual([[16 * 1024 * 1024, true]]);
  });

  test('all lines have been handed over by the time it has exited', async () => {
    const child = run('flood.mjs', ['4', '--lines']);
    await child.exited;
    const last = child.lines.length;
    expect(child.lines.at(-1)).toBe(`line ${last}`);
    expect(last).toBeGreaterThan(300_000);
  });

  test('a program that closes its stdout early is still waited for', async () => {
    const child = run('close-stdout.mjs');
    child.endInput();
    expect(await child.exited).toMatchObject({ code: 0, signal: null });
    expect(child.lines).toEqual([]);
  });

  test('invalid UTF-8 is replaced', async () => {
    const child = run('garbage.mjs');
    const exit = await child.exited;
    expect(child.lines).toHaveLength(3);
    expect(child.lines[0]).toContain('\ufffd');
    expect(exit.stderrTail).toContain('\ufffd');
  });

  test('unread input is not an error (EPIPE)', async () => {
    const child = run('deaf-to-stdin.mjs');
    expect(await child.nextLine()).toBe('closed');
    child.write('x'.repeat(1024 * 1024));
    child.endInput();
    child.write('after the end');
    child.terminate();
    expect(await child.exited).toMatchObject({ code: 0 });
  });

  test('the tail of stderr is kept, and all of it is appended to a file that only its owner can read', async () => {
    const stderrFile = join(mkdtempSync(join(tmpdir(), 'sg-')), 'logs', 'stderr.log');
    const first = await run('fail.mjs', ['3', 'x'.repeat(10_000), 'the reason'], { stderrFile }).exited;
    await run('fail.mjs', ['3', 'again'], { stderrFile }).exited;
    expect(first.code).toBe(3);
    expect(first.stderrTail).toHaveLength(8 * 1024);
    expect(first.stderrTail.endsWith('xx\nthe reason\n')).toBe(true);
    expect(readFileSync(stderrFile, 'utf8')).toBe(`${'x'.repeat(10_000)}\nthe reason\nagain\n`);
    expect(statSync(stderrFile).mode & 0o777).toBe(0o600);
  });
});

describe("a program that can't be started", () => {
  test('is reported by the exit, with the reason', async () => {
    const child = runCommand('no-such-program-anywhere', []);
    expect(child.pid).toBeUndefined();
    child.write('prompt');
    child.kill();
    expect((await child.spawned)?.code).toBe('ENOENT');
    expect(await child.exited).toMatchObject({ code: null, signal: null, spawnError: { code: 'ENOENT' } });
  });

  test('a file without execute permission', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'sg-')), 'not-executable');
    writeFileSync(file, '#!/bin/sh\n', { mode: 0o644 });
    expect((await runCommand(file, []).exited).spawnError?.code).toBe('EACCES');
  });

  test('an argument with a null byte, which node refuses by throwing', async () => {
    expect((await runCommand('true', ['a\0b']).exited).spawnError).toBeInstanceOf(Error);
  });
});
