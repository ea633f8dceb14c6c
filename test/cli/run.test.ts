import { describe, expect, it, vi } from 'vitest';
import { main } from '../../src/cli/main.ts';
import { RefusedError } from '../../src/sdk/errors.ts';
import { NO_FILES } from '../../src/sdk/group/document/group-files.ts';
import { GroupEvent } from '../../src/sdk/group/journal/events.ts';
import type { GroupResult } from '../../src/sdk/group/progress/progress.ts';
import {
  definition,
  FakeGroup,
  FakeIo,
  FakeStream,
  fakeServices,
  groupProgress,
  groupResult,
  sessionProgress,
} from './fakes.ts';

const TERMINAL = { columns: 80, rows: 24 };
const progressOf = (sessionId: string, costUsd: number) =>
  ({
    type: 'session_progress',
    sessionId,
    costUsd,
    tokens: { input: 1, output: 1, cacheRead: 0, cacheWrite: 0 },
    estimated: true,
  }) as const;

const failedWith = (code: 'authentication_failed' | 'agent_error') =>
  ({ status: 'failed', error: { code, message: 'No.' }, costUsd: 0, attempts: 1 }) as const;

/** A run that has called `handle.run()`. */
async function started(argv: string[], io = new FakeIo(), group = new FakeGroup()) {
  const services = fakeServices(group);
  const code = main(['run', 'group.yaml', ...argv], io, services);
  await vi.waitFor(() => expect(group.calls).toContain('run'), 20_000);
  return { io, group, code, services };
}

describe('how a run ends', () => {
  it.each<[Partial<GroupResult>, number]>([
    [{ status: 'completed' }, 0],
    [{ status: 'failed', reason: 'sessions_failed' }, 1],
    [{ status: 'stopped' }, 1],
    [{ status: 'paused', reason: 'budget_exceeded' }, 3],
    [{ status: 'paused', reason: 'agent_unavailable' }, 4],
    [{ status: 'failed', sessions: { a: failedWith('authentication_failed') } }, 4],
    [
      {
        status: 'failed',
        sessions: { a: failedWith('authentication_failed'), b: failedWith('agent_error') },
      },
      1,
    ],
  ])('%j exits %i and releases everything', async (fields, exit) => {
    const { io, group, code } = await started([]);
    group.end(groupResult(fields));
    expect(await code).toBe(exit);
    expect(group.calls).toEqual(['run', 'dispose']);
    expect(io.listening).toBe(0);
  });

  it('prints a summary on stdout that names unfinished sessions', async () => {
    const { io, group, code } = await started([]);
    group.end(
      groupResult({
        status: 'failed',
        reason: 'error_threshold',
        sessions: {
          a: { status: 'completed', costUsd: 1, attempts: 1 },
          b: {
            status: 'failed',
            error: { code: 'max_turns', message: 'after \u001b[31m20\tturns' },
            costUsd: 1,
            attempts: 2,
          },
          c: { status: 'skipped', reason: 'upstream_failed', costUsd: 0, attempts: 0 },
        },
      }),
    );
    await code;
    expect(io.stdout.lines).toEqual([
      '✗ failed (too many failures)  Demo group',
      '  12.3s, $0.50, 1.2k tokens, 3 sessions: 1 completed, 1 failed, 1 skipped',
      '  ✗ b failed: max_turns: after 20 turns, 2 attempts',
      '  – c skipped: upstream failed',
    ]);
  });

  it('passes on an error of the group, after disposing of it', async () => {
    const { io, group, code } = await started([]);
    group.fail(new RefusedError('not_in_this_state', 'It has run already.'));
    expect(await code).toBe(5);
    expect(io.stderr.text).toContain('error: It has run already.');
    expect(group.calls).toContain('dispose');
  });
});

describe('an uncaught error', () => {
  it('ends the processes of the group and is reported without a stack trace', async () => {
    const { io, group, code } = await started([]);
    io.crash(new TypeError('x is not a function'));
    expect(await code).toBe(1);
    expect(group.calls).toEqual(['run', 'dispose']);
    expect(io.listening).toBe(0);
    expect(io.stderr.lines[0]).toBe('error: unexpected error: x is not a function');
    expect(io.stderr.text).not.toContain('    at ');
  });
});

describe('run --json', () => {
  it('prints every event unchanged, and the result last', async () => {
    const { io, group, code } = await started(['--json']);
    group.emit({ type: 'group_started', sessionCount: 1, maxConcurrent: 3 });
    group.emit({ type: 'session_started', sessionId: 'a', attempt: 1, agentSessionId: 'x' });
    group.emit(progressOf('a', 0.5));
    group.end(groupResult());
    expect(await code).toBe(0);
    const lines = io.stdout.lines.map(line => JSON.parse(line));
    expect(lines.slice(0, -1).map(line => GroupEvent.parse(line).seq)).toEqual([0, 1, 2]);
    expect(lines.at(-1)).toEqual({
      type: 'result',
      groupId: '20260102-030405-demo',
      status: 'completed',
      sessions: { a: { status: 'completed', costUsd: 0.5, attempts: 1 } },
      totalCostUsd: 0.5,
      totalTokens: { input: 1_000, output: 200, cacheRead: 0, cacheWrite: 0 },
      elapsedMs: 12_345,
    });
    expect(io.stderr.text).toBe('');
  });

  it('has a result line even if the group ends paused', async () => {
    const { io, group, code } = await started(['--json']);
    group.end(groupResult({ status: 'paused', reason: 'quota' }));
    expect(await code).toBe(3);
    expect(JSON.parse(io.stdout.lines.at(-1) ?? '')).toMatchObject({ status: 'paused', reason: 'quota' });
  });

  it('does not wait for a slow reader, which misses only outdated progress', async () => {
    const stdout = new FakeStream();
    let letGo: () => void = () => {};
    const write = stdout._write.bind(stdout);
    let held = true;
    stdout._write = (chunk, encoding, done) => {
      write(chunk, encoding, () => {});
      if (held) letGo = done;
      else done();
    };
    const { io, group, code } = await started(['--json'], new FakeIo({ stdout }));
    const words = 'x'.repeat(stdout.writableHighWaterMark);
    group.emit({ type: 'session_message', sessionId: 'a', role: 'assistant', text: words });
    for (let cost = 1; cost <= 1_000; cost += 1) group.emit(progressOf('a', cost));
    group.emit(progressOf('b', 7));
    group.emit({ type: 'session_stopped', sessionId: 'a', costUsd: 1_000 });
    group.end(groupResult());
    expect(stdout.writableLength).toBeLessThan(2 * words.length);
    held = false;
    letGo();
    expect(await code).toBe(0);
    const lines = io.stdout.lines.map(line => JSON.parse(line));
    expect(lines.map(line => [line.type, line.costUsd])).toEqual([
      ['session_message', undefined],
      ['session_progress', 1_000],
      ['session_progress', 7],
      ['session_stopped', 1_000],
      ['result', undefined],
    ]);
  });

  it('pauses the group when the reader closes stdout, and exits as for SIGPIPE', async () => {
    const stdout = new FakeStream();
    stdout._write = (_chunk, _encoding, done: (error?: Error) => void) => done(new Error('write EPIPE'));
    const { io, group, code } = await started(['--json'], new FakeIo({ stdout }));
    group.emit({ type: 'group_completed' });
    await vi.waitFor(() => expect(group.calls).toContain('pause'), 20_000);
    group.end(groupResult({ status: 'paused', reason: 'manual' }));
    expect(await code).toBe(141);
    expect(io.stderr.text).toBe('');
  });
});

describe('run without a terminal', () => {
  it.each([
    ['no terminal', [], new FakeIo()],
    ['CI', [], new FakeIo({ terminal: TERMINAL, env: { CI: 'true', NO_COLOR: '1' } })],
    ['TERM=dumb', [], new FakeIo({ terminal: TERMINAL, env: { TERM: 'dumb' } })],
    ['--plain', ['--plain'], new FakeIo({ terminal: TERMINAL, env: { NO_COLOR: '1' } })],
  ])('prints one line per change on stderr: %s', async (_, argv, io) => {
    const { group, code } = await started(argv, io);
    group.emit({ type: 'group_started', sessionCount: 1, maxConcurrent: 3 });
    group.emit({ type: 'session_started', sessionId: 'a', attempt: 1, agentSessionId: 'x' });
    group.emit(progressOf('a', 0.5));
    group.emit({
      type: 'session_failed',
      sessionId: 'a',
      error: { code: 'agent_error', message: 'broken \u001b[2J\tpipe' },
      costUsd: 0.5,
    });
    group.end(groupResult());
    await code;
    expect(io.stderr.lines.map(line => line.replace(/^\d\d:\d\d:\d\d /, ''))).toEqual([
      'group: running 1 session, 3 at a time',
      'a: started',
      'a: failed with agent_error: broken pipe',
    ]);
    expect(io.stdout.lines[0]).toBe('✓ completed  Demo group');
    expect(io.stdout.text + io.stderr.text).not.toContain('\u001b');
  });
});

describe('run on a terminal', () => {
  it('draws the group, leaves the last view and restores the cursor', async () => {
    const io = new FakeIo({ terminal: TERMINAL });
    const { group, code } = await started([], io);
    group.emit({ type: 'session_message', sessionId: 'a', role: 'assistant', text: 'Reading' });
    group.progress$.next(groupProgress([sessionProgress('a', { status: 'running', attempts: 1 })]));
    expect(io.stderr.text).toContain('Reading');
    group.progress$.next(groupProgress([sessionProgress('a', { status: 'completed' })]));
    group.end(groupResult());
    expect(await code).toBe(0);
    expect(io.stderr.text).toContain('completed');
    expect(io.stderr.text.endsWith('\u001b[?25h\n')).toBe(true);
    expect(io.stderr.listenerCount('resize')).toBe(0);
    expect(io.stdout.text).toContain('12.3s, $0.50');
  });

  it('redraws when the terminal is resized', async () => {
    const io = new FakeIo({ terminal: TERMINAL });
    const { group, code } = await started([], io);
    io.stderr.columns = 40;
    const before = io.stderr.text.length;
    io.stderr.emit('resize');
    expect(io.stderr.text.slice(before)).toContain('Demo group');
    group.end(groupResult());
    await code;
  });
});

describe('signals', () => {
  const RESUME = 'Resume it with: session-groups group resume 20260102-030405-demo\n';

  it('the first Ctrl-C pauses, and prints the resume command', async () => {
    const { io, group, code } = await started([]);
    io.raise('SIGINT');
    expect(group.calls).toEqual(['run', 'pause']);
    expect(group.reasons).toEqual(['manual']);
    expect(io.stderr.text).toContain(RESUME);
    group.end(groupResult({ status: 'paused', reason: 'manual' }));
    expect(await code).toBe(3);
    expect(io.stderr.text.endsWith(RESUME)).toBe(true);
  });

  it('a group paused over its budget gets a resume command with a higher limit', async () => {
    const group = new FakeGroup(groupProgress([sessionProgress('a')], { limitUsd: 10 }));
    const { io, code } = await started([], new FakeIo(), group);
    group.end(groupResult({ status: 'paused', reason: 'budget_exceeded', totalCostUsd: 10.2 }));
    expect(await code).toBe(3);
    expect(io.stderr.text).toContain('group resume 20260102-030405-demo --max-budget-usd 21\n');
  });

  it('the second Ctrl-C stops', async () => {
    const { io, group, code } = await started([]);
    io.raise('SIGINT');
    io.raise('SIGINT');
    expect(group.calls).toEqual(['run', 'pause', 'stop']);
    group.end(groupResult({ status: 'stopped' }));
    expect(await code).toBe(1);
  });

  it('the third Ctrl-C ends the processes and exits 130 without waiting for the run', async () => {
    const { io, group, code } = await started([]);
    for (let i = 0; i < 3; i += 1) io.raise('SIGINT');
    expect(await code).toBe(130);
    expect(group.calls.slice(0, 4)).toEqual(['run', 'pause', 'stop', 'dispose']);
  });

  it('ignores a refusal of the group: the run reports how it ended', async () => {
    const group = new FakeGroup();
    group.pause = () => Promise.reject(new RefusedError('not_in_this_state', 'too late'));
    const { io, code } = await started([], new FakeIo(), group);
    group.emit({ type: 'group_started', sessionCount: 1, maxConcurrent: 3 });
    io.raise('SIGINT');
    group.end(groupResult());
    expect(await code).toBe(0);
  });

  it('ends at once if the group has not started', async () => {
    const group = new FakeGroup(groupProgress([sessionProgress('a')], { status: 'created' }));
    group.pause = () => Promise.reject(new RefusedError('not_in_this_state', 'not running'));
    const { io, code } = await started([], new FakeIo(), group);
    io.raise('SIGINT');
    expect(await code).toBe(130);
    expect(group.calls).toEqual(['run', 'dispose']);
  });

  it('the third Ctrl-C still prints a result line with --json', async () => {
    const { io, code } = await started(['--json']);
    for (let i = 0; i < 3; i += 1) io.raise('SIGINT');
    expect(await code).toBe(130);
    expect(JSON.parse(io.stdout.lines.at(-1) ?? '')).toMatchObject({ type: 'result' });
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('%s pauses and exits %i', async (signal, exit) => {
    const { io, group, code } = await started([]);
    io.raise(signal);
    expect(group.calls).toEqual(['run', 'pause']);
    expect(group.reasons).toEqual(['shutdown']);
    group.end(groupResult({ status: 'paused', reason: 'shutdown' }));
    expect(await code).toBe(exit);
  });

  it('a group that completes while SIGTERM pauses it exits as completed', async () => {
    const { io, group, code } = await started([]);
    io.raise('SIGTERM');
    group.end(groupResult());
    expect(await code).toBe(0);
  });
});

describe('command-line overrides', () => {
  const run = async (argv: string[], loaded = definition()) => {
    const group = new FakeGroup();
    const io = new FakeIo();
    const warning = { severity: 'warning', code: 'x', message: 'take care', path: ['sessions'] } as const;
    const services = fakeServices(group, {
      loaded: { definition: loaded, warnings: [warning], files: NO_FILES },
    });
    group.end(groupResult());
    await main(['run', 'group.yaml', ...argv], io, services);
    return { created: services.created[0], err: io.stderr.text };
  };

  it('change nothing without options', async () => {
    const { created, err } = await run([]);
    expect(created).toEqual(definition());
    expect(err).toContain('take care');
  });

  it('change the limit and the concurrency', async () => {
    expect((await run(['--max-budget-usd', '2.5', '--max-concurrent', '7'])).created).toMatchObject({
      config: { budget: { maxBudgetUsd: 2.5 }, concurrency: { maxConcurrent: 7, maxPerProject: 1 } },
    });
    expect((await run(['--max-budget-usd', 'none'])).created).toMatchObject({
      config: { budget: { maxBudgetUsd: 'none' } },
    });
  });

  it('replace every agent that is not scripted in a rehearsal', async () => {
    const steps = [{ text: 'hello' }];
    const session = { projectPath: '/p', prompt: 'x' };
    const loaded = definition({
      sessions: [
        { ...session, id: 'a' },
        { ...session, id: 'b', agent: { kind: 'command', command: ['npm', 'test'] } },
        { ...session, id: 'c', agent: { kind: 'scripted', steps } },
      ],
    });
    const { created, err } = await run(['--scripted'], loaded);
    expect(created).toMatchObject({
      config: { agent: { kind: 'scripted' } },
      sessions: [{ id: 'a' }, { agent: { kind: 'scripted' } }, { agent: { kind: 'scripted', steps } }],
    });
    expect(err).toContain('no model is called, nothing is spent');
  });
});
