// @module-tag processes
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Agent, createSessionGroup, type ProgramOptions, startProgram } from '../../../../src/index.ts';
import { given } from '../../../../src/sdk/given.ts';
import { memoryProjectGate } from '../../../../src/sdk/project/project-gate.ts';
import { createFileStore } from '../../../../src/store/file-store.ts';
import { isAlive, program } from '../../process/process-fixture.ts';
import { compiledSources } from '../compiled-sources.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'own-program-'));
  mkdirSync(join(folder, 'project'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The pids that the program's own log names. */
const pidsIn = (log: string): number[] =>
  (existsSync(log) ? readFileSync(log, 'utf8') : '')
    .split('\n')
    .filter(line => /^(start|child) /.test(line))
    .map(line => Number(line.split(' ')[2]));
const atWork = (log: string) =>
  vi.waitFor(() => expect(pidsIn(log)).toHaveLength(2), { timeout: 60_000, interval: 20 });
const gone = (pids: readonly number[]) =>
  vi.waitFor(() => expect(pids.filter(isAlive)).toEqual([]), { timeout: 60_000, interval: 20 });

const running = (options: ProgramOptions): Agent => ({
  kind: 'mine',
  capabilities: { resume: false, usage: 'none', spends: false, approvals: false },
  start(spec, emit) {
    const lines: string[] = [];
    const child = startProgram(spec, emit, { onLine: line => lines.push(line), ...options });
    let asked = false;
    void child.exited.then(({ code, signal, stderr, failure }) => {
      const result = JSON.stringify({ code, signal, stderr, lines });
      const done = { outcome: asked ? 'interrupted' : 'done', result, denials: [] } as const;
      emit({ type: 'ended', end: failure ?? done });
    });
    setImmediate(() => emit({ type: 'started', conversationId: spec.conversation.id }));
    child.write(`${spec.prompt}\n`);
    child.endInput();
    const end = (how: () => void) => () => {
      asked = true;
      how();
    };
    const terminate = end(child.terminate);
    return {
      ...given({ pid: child.pid }),
      interrupt: terminate,
      terminate,
      kill: end(child.kill),
      answerPermission() {},
    };
  },
});

async function groupWith(options: ProgramOptions) {
  const sessions = [{ id: 'a', projectPath: join(folder, 'project'), prompt: 'the prompt', agent: 'mine' }];
  return createSessionGroup(
    { version: 1, name: 'own', sessions },
    {
      agents: { mine: running(options) },
      projects: memoryProjectGate(),
      store: createFileStore({ dataDir: join(folder, 'data') }),
    },
  );
}

describe('a program of an own agent', () => {
  test('reads its input, and what it prints is read; its errors are in the log of the session', async () => {
    const group = await groupWith({ command: 'sh', args: ['-c', 'pwd; cat; echo odd >&2; exit 3'] });
    const { sessions } = await group.run();
    expect(JSON.parse(sessions.a?.result ?? '')).toEqual({
      ...{ code: 3, signal: null, stderr: 'odd\n' },
      lines: [join(folder, 'project'), 'the prompt'],
    });
    const log = join(folder, 'data/groups', group.id, 'sessions/001-a/stderr.log');
    expect(readFileSync(log, 'utf8')).toBe('odd\n');
    await group.dispose();
  });

  test.each([
    { command: 'no-such-program', code: 'agent_not_found', message: 'program not found: no-such-program' },
    { command: 'sh', cwd: '/nonexistent', code: 'prepare_failed', message: 'project folder does not exist' },
  ])('that cannot be started fails the session: $code', async ({ code, message, ...options }) => {
    const group = await groupWith(options);
    const { sessions } = await group.run();
    expect(sessions.a?.error).toMatchObject({ code, message: expect.stringContaining(message) });
    await group.dispose();
  });

  test('is ended with its descendants, wherever they went', async () => {
    const log = join(folder, 'log');
    const group = await groupWith({ command: program('logging-agent.sh'), args: [log, 'a', 'setsid'] });
    const run = group.run();
    await atWork(log);
    const pids = pidsIn(log);
    const { status } = await group.stop();
    expect(pids.filter(isAlive)).toEqual([]);
    expect([status, (await run).status]).toEqual(['stopped', 'stopped']);
    await group.dispose();
  });

  test('goes with its descendants when the host is killed (I7)', async () => {
    const modules = compiledSources('src/sdk/group/api/create.ts', 'src/sdk/session/own/program.ts');
    const log = join(folder, 'log');
    const args = [modules, join(folder, 'project'), program('logging-agent.sh'), log, 'a', 'setsid'];
    const host = spawn(process.execPath, [program('own-agent-host.mjs'), ...args], { stdio: 'ignore' });
    try {
      await atWork(log);
      const exit = once(host, 'exit');
      host.kill('SIGKILL');
      await exit;
      await gone(pidsIn(log));
    } finally {
      host.kill('SIGKILL');
      for (const pid of pidsIn(log).filter(isAlive)) process.kill(pid, 'SIGKILL');
      rmSync(modules, { recursive: true, force: true });
    }
  });
});
