// @module-tag processes
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../../src/sdk/clock.ts';
import { limitOfMarker, withLimit } from '../../../src/sdk/process/limit-mark.ts';
import { endOrphans } from '../../../src/sdk/process/orphans.ts';
import { MARKER_VARIABLE, markerOf } from '../../../src/sdk/process/process.ts';
import { entryOf } from '../../../src/sdk/process/process-table.ts';
import { treeWatch } from '../../../src/sdk/process/tree-watch.ts';
import { SimulatedClock } from '../../../src/sdk/simulated-clock.ts';
import { attemptSpec } from '../session/attempt-fixture.ts';
import { isAlive, runCommand } from './process-fixture.ts';

/** Prints its pid; has no environment, a session of its own, and a parent that has exited. */
const DAEMON = "env -i setsid sh -c 'sleep 98706 & echo $!'";
/** Prints its pid; nothing but its parent shows whose it is: it has also lifted the limit that is the second mark. */
const CHILD = "env -i prlimit --rss=unlimited: setsid sh -c 'echo $$; exec sleep 98706'";

/** Prints its pid; its first thread ends by `exit`, and another one goes on: Linux shows a zombie with threads. */
const THREAD = `
import ctypes, os, threading, time
threading.Thread(target=time.sleep, args=(98706,)).start()
print(os.getpid(), flush=True)
ctypes.CDLL(None).syscall({'x86_64': 60}.get(os.uname().machine, 93), 0)
`;

/** A whole look at the process table, begun after the call. */
async function look(): Promise<void> {
  const nobody = treeWatch(systemClock).ofClaimed(() => false);
  await nobody.members();
  nobody.release();
}

const shell = (script: string) => runCommand('/bin/sh', ['-c', script]);

describe('what an agent leaves behind is ended with it (I7)', () => {
  test.each(['', 'env -i '])('a process of which only the first thread has ended (%s)', async alone => {
    const program = join(mkdtempSync(join(tmpdir(), 'thread-')), 'thread.py');
    writeFileSync(program, THREAD);
    const agent = shell(`${alone}setsid python3 ${program} & cat`);
    const thread = Number(await agent.nextLine());
    await vi.waitFor(() => expect(readFileSync(`/proc/${thread}/stat`, 'utf8')).toContain(') Z '), 10_000);
    await look();
    expect(entryOf(thread)).toMatchObject({ pid: thread, zombie: false });
    expect(entryOf(thread)?.marker() !== undefined).toBe(alone === '');
    agent.endInput();
    expect(await agent.exited).toMatchObject({ code: 0, signal: null });
    expect(isAlive(thread)).toBe(false);
  });

  test('a daemon without environment, session and parent, of an agent that completes at once', async () => {
    const agent = shell(DAEMON);
    const daemon = Number(await agent.nextLine());
    expect(daemon).toBeGreaterThan(0);
    expect(await agent.exited).toMatchObject({ code: 0, signal: null });
    expect(isAlive(daemon)).toBe(false);
  });

  test.each(['terminate', 'kill'] as const)('such a daemon, after %s', async verb => {
    const agent = shell(`${DAEMON}; sleep 600`);
    const daemon = Number(await agent.nextLine());
    expect(isAlive(daemon)).toBe(true);
    agent[verb]();
    await agent.exited;
    expect(isAlive(daemon)).toBe(false);
  });

  test('a daemon that ignores SIGTERM', async () => {
    const agent = shell(`trap '' TERM; ${DAEMON}`);
    const daemon = Number(await agent.nextLine());
    await agent.exited;
    expect(isAlive(daemon)).toBe(false);
  });

  test('a child that nothing marks, seen once, of an agent that completes', async () => {
    const agent = shell(`${CHILD} & read word`);
    const child = Number(await agent.nextLine());
    expect(entryOf(child)?.marker()).toBeUndefined();
    expect(entryOf(child)?.limit()).toBeUndefined();
    expect(entryOf(child)?.session).toBe(child);
    await look();
    agent.write('done\n');
    expect(await agent.exited).toMatchObject({ code: 0, signal: null });
    expect(isAlive(child)).toBe(false);
  });

  test.each(['terminate', 'kill'] as const)('such a child, whose parent has exited, after %s', async verb => {
    const agent = shell(`sh -c "${CHILD.replaceAll('$', '\\$')} & read word"; echo orphaned; sleep 600`);
    const child = Number(await agent.nextLine());
    await look();
    agent.write('go on\n');
    expect(await agent.nextLine()).toBe('orphaned');
    await vi.waitFor(() => expect(entryOf(child)?.parent).not.toBe(agent.pid), 20_000);
    await look();
    agent[verb]();
    await agent.exited;
    expect(isAlive(child)).toBe(false);
  });

  test('and nothing of another agent', async () => {
    const [one, two] = [shell(DAEMON), shell(`${DAEMON}; read word`)];
    const [gone, kept] = [Number(await one.nextLine()), Number(await two.nextLine())];
    await one.exited;
    expect([isAlive(gone), isAlive(kept)]).toEqual([false, true]);
    two.kill();
    await two.exited;
    expect(isAlive(kept)).toBe(false);
  });
});

describe('looks while an agent lives', () => {
  test('one a second of the clock, the first after a second, and none afterwards', async () => {
    const clock = new SimulatedClock();
    const agent = runCommand('/bin/sh', ['-c', 'read word'], {}, clock);
    const watch = treeWatch(clock);
    await agent.spawned;
    expect(watch.looks).toBe(0);
    for (let second = 1; second <= 3; second += 1) {
      clock.advance(1_000);
      await vi.waitFor(() => expect(watch.looks).toBe(second), 20_000);
      await vi.waitFor(() => expect(clock.nextAt).toBe(clock.now() + 1_000), 20_000);
    }
    agent.write('done\n');
    await agent.exited;
    expect(clock.pending).toBe(0);
  });
});

describe('the limit that marks a process', () => {
  const marker = markerOf(attemptSpec());

  test('is inherited without the environment, and changes nothing else', async () => {
    const { PATH = '' } = process.env;
    const agent = runCommand(
      '/bin/sh',
      ['-c', 'env -i sh -c "grep resident /proc/self/limits"; env; echo $$'],
      {
        marker,
        env: { PATH },
      },
    );
    await agent.exited;
    expect(agent.lines[0]).toMatch(new RegExp(`^Max resident set +${limitOfMarker(marker)} +unlimited`));
    expect(agent.lines).toContain(`${MARKER_VARIABLE}=${marker}`);
    expect(agent.lines.at(-1)).toBe(String(agent.pid));
    const plain = execFileSync('/bin/sh', ['-c', 'env'], { env: { PATH, [MARKER_VARIABLE]: marker } });
    expect(agent.lines.slice(1, -1).sort()).toEqual(plain.toString().trimEnd().split('\n').sort());
  });

  test('of a program whose interpreter does not exist: the error is that of the program', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'sg-')), 'script');
    writeFileSync(file, '#!/no/such/interpreter\n');
    chmodSync(file, 0o755);
    expect((await runCommand(file, []).exited).spawnError?.code).toBe('ENOENT');
  });

  test('of what a dead engine and its dead reaper left: the next owner ends it', async () => {
    const group = `20260101-000000-marked-${process.pid}`;
    const { command, args } = withLimit({ command: 'sh', args: ['-c', DAEMON] }, `${group}:a:1:x`, {
      cwd: '/',
      env: { PATH: process.env.PATH ?? '' },
    });
    const shell = spawn(command, args, {
      env: { PATH: process.env.PATH },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [said] = await once(shell.stdout, 'data');
    const daemon = Number(String(said));
    expect(await endOrphans(`${group}-2`, systemClock)).toBeUndefined();
    expect(isAlive(daemon)).toBe(true);
    expect(await endOrphans(group, systemClock)).toBeUndefined();
    expect(isAlive(daemon)).toBe(false);
  });
});
