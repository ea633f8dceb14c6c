// @module-tag processes
import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AgentCheck } from '../../../../src/sdk/session/agent.ts';
import { createClaudeAgent } from '../../../../src/sdk/session/claude-code/claude-agent.ts';
import { findClaude } from '../../../../src/sdk/session/claude-code/executable.ts';
import { SimulatedClock } from '../../../../src/sdk/simulated-clock.ts';
import { attemptSpec, watch } from '../../../support/claude-attempt.ts';

const FAKE = fileURLToPath(new URL('../../../fixtures/fake-claude.mjs', import.meta.url));
const PATH = process.env.PATH ?? '';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'claude-executable-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the path of claude', () => {
  it('comes from the definition, then SESSION_GROUPS_CLAUDE, then PATH', () => {
    const onPath = join(folder, 'claude');
    symlinkSync(FAKE, onPath);
    const env = { PATH: `/nowhere:${folder}`, SESSION_GROUPS_CLAUDE: FAKE };
    const named = { kind: 'claude', executable: process.execPath } as const;
    expect(findClaude(named, env)).toBe(process.execPath);
    expect(findClaude({ kind: 'claude' }, env)).toBe(FAKE);
    expect(findClaude(undefined, { PATH: env.PATH })).toBe(onPath);
    expect(findClaude(undefined, {})).toBeUndefined();
  });

  it('has no fallback if a configured one is missing, a folder, or not a program', () => {
    symlinkSync(FAKE, join(folder, 'claude'));
    const text = join(folder, 'text');
    writeFileSync(text, '');
    chmodSync(text, 0o644);
    for (const executable of ['/no/such/claude', folder, text, 'no-such-name']) {
      expect(findClaude({ kind: 'claude', executable }, { PATH: folder })).toBeUndefined();
    }
  });
});

describe('a file that is no program', () => {
  const made = (name: string, text: string, mode = 0o755): string => {
    const path = join(folder, name);
    writeFileSync(path, text, { mode });
    return path;
  };
  it.each<[string, () => string, RegExp, RegExp]>([
    ['nothing', () => join(folder, 'no'), /no does not exist/, /Check the path/],
    ['no execute bit', () => made('bit', '#!/bin/sh\n', 0o644), /bit is not executable/, /chmod \+x .*bit/],
    ['a folder', () => folder, /is a folder/, /Name the program in it/],
    [
      'a link to nothing',
      () => {
        symlinkSync('/gone', join(folder, 'l'));
        return join(folder, 'l');
      },
      /link to \/gone/,
      /link/,
    ],
    ['no interpreter', () => made('i', '#!/no/interpreter -x\n'), /interpreter \/no\/interpreter/, /Install/],
    [
      'env without its name',
      () => made('e', '#!/usr/bin/env -S nobody -x\n'),
      /interpreter nobody/,
      /Install/,
    ],
    ['a text', () => made('text', 'hello there\n'), /without a `#!` line/, /--version/],
    ['an empty file', () => made('empty', ''), /is empty/, /--version/],
  ])('%s: check and start name it', async (name, make, message, hint) => {
    const executable = make();
    const clock = new SimulatedClock();
    const agent = createClaudeAgent({ clock, env: { PATH } });
    const named = { kind: 'claude', executable } as const;
    const answer = await settled(agent.check({ agent: named }), clock);
    expect(answer).toMatchObject({ ok: false, code: 'agent_not_found' });
    expect(answer.ok ? '' : answer.message).toMatch(message);
    expect(answer.ok ? '' : answer.hint).toMatch(hint);
    expect(answer.ok ? '' : answer.hint).toMatch(/SESSION_GROUPS_CLAUDE/);
    if (name === 'a text' || name === 'an empty file') return; // a shell takes them for commands
    const watched = watch(agent, attemptSpec({ cwd: folder, env: { PATH }, agent: named }));
    expect(await watched.ended).toMatchObject({
      code: 'agent_not_found',
      message: expect.stringMatching(message),
    });
  });

  it('is named when it is the one on the path', async () => {
    made('claude', '', 0o644);
    const answer = await createClaudeAgent({ clock: new SimulatedClock(), env: { PATH: folder } }).check();
    expect(answer).toMatchObject({ ok: false, message: expect.stringMatching(/claude is not executable/) });
  });
});

/** The end of a process is awaited with the help of the clock. */
async function settled<T>(promise: Promise<T>, clock: SimulatedClock, stepMs = 1): Promise<T> {
  let done = false;
  const finish = (): void => {
    done = true;
  };
  promise.then(finish, finish);
  await vi.waitFor(
    () => {
      clock.advance(stepMs);
      expect(done).toBe(true);
    },
    { timeout: 60_000, interval: 5 },
  );
  return promise;
}

describe('the check of claude', () => {
  const check = (said: string, clock = new SimulatedClock()): Promise<AgentCheck> => {
    const agent = createClaudeAgent({ clock, env: { PATH, FAKE_CLAUDE: said, SESSION_GROUPS_CLAUDE: FAKE } });
    const answer = agent.check();
    return settled(answer, clock);
  };
  it('returns path and version', async () => {
    expect(await check('2.1.330 (Claude Code)')).toEqual({
      ok: true,
      path: FAKE,
      version: '2.1.330',
      warnings: [],
    });
  });

  it.each([
    'Wrapper 9.9.9\n2.1.330 (Claude Code)',
    'node v20.1.0\nv2.1.330\nbye',
    '\u001b[1m2.1.330 (Claude Code)',
  ])('finds the version in %j', async said =>
    expect(await check(said)).toMatchObject({ ok: true, version: '2.1.330' }),
  );

  it('warns about a client that would take composed text for commands', async () => {
    const answer = await check('2.1.197 (Claude Code)');
    expect(answer).toMatchObject({ ok: true, warnings: [expect.stringContaining('slash command')] });
  });

  it.each([
    ['2.1.196 (Claude Code)', /2\.1\.196 .* too old/, /[Uu]pdate/],
    ['1.0.0', /too old/, /[Uu]pdate/],
    ['Python 3.12', /not a working Claude Code: Python/, /Install/],
  ])('rejects %s, with a hint', async (said, message, hint) => {
    const answer = await check(said);
    expect(answer).toMatchObject({ ok: false, code: 'agent_not_found' });
    expect(answer.ok ? '' : answer.message).toMatch(message);
    expect(answer.ok ? '' : answer.hint).toMatch(hint);
  });

  it('says how to install it if there is none', async () => {
    const answer = await createClaudeAgent({ clock: new SimulatedClock(), env: { PATH: folder } }).check();
    expect(answer).toMatchObject({ ok: false, hint: expect.stringContaining('npm install -g') });
  });

  it('does not wait forever', async () => {
    const clock = new SimulatedClock();
    const agent = createClaudeAgent({
      clock,
      env: { PATH, FAKE_CLAUDE: 'silent', SESSION_GROUPS_CLAUDE: FAKE },
    });
    const answer = await settled(agent.check(), clock, 1_000);
    expect(answer).toMatchObject({ ok: false, message: expect.stringContaining('20 s') });
    expect(clock.pending).toBe(0);
  });

  it('waits anew after the process was frozen', async () => {
    const clock = new SimulatedClock();
    const env = { PATH, FAKE_CLAUDE: 'silent', SESSION_GROUPS_CLAUDE: FAKE };
    const answer = createClaudeAgent({ clock, env }).check();
    await Promise.resolve();
    clock.freeze(3_600_000);
    clock.advance(19_999);
    expect(await Promise.race([answer, Promise.resolve('waiting')])).toBe('waiting');
    expect(await settled(answer, clock, 1_000)).toMatchObject({ ok: false });
  });

  it('ends with the reason of its signal', async () => {
    const clock = new SimulatedClock();
    const agent = createClaudeAgent({
      clock,
      env: { PATH, FAKE_CLAUDE: 'silent', SESSION_GROUPS_CLAUDE: FAKE },
    });
    const abort = new AbortController();
    const answer = agent.check({ signal: abort.signal });
    abort.abort(new Error('enough'));
    await expect(settled(answer, clock)).rejects.toThrow('enough');
  });

  describe('of several at once', () => {
    /** A client that logs each start, and answers once the file `go` is there. */
    const slowClient = () => {
      const [path, log, go] = ['claude', 'log', 'go'].map(name => join(folder, name)) as [
        string,
        string,
        string,
      ];
      const script = `#!/bin/sh\necho started >> '${log}'\nfor _ in $(seq 3000); do [ -e '${go}' ] && break; sleep 0.02; done\necho '2.1.330'\n`;
      writeFileSync(path, script, { mode: 0o755 });
      const starts = () => readFileSync(log, 'utf8').split('\n').length - 1;
      const started = (count: number) => vi.waitFor(() => expect(starts()).toBe(count), { timeout: 60_000 });
      return { env: { PATH, SESSION_GROUPS_CLAUDE: path }, starts, started, go: () => writeFileSync(go, '') };
    };

    it('of one engine, one process runs, and all get its answer', async () => {
      const { env, starts, started, go } = slowClient();
      const clock = new SimulatedClock();
      const agents = [createClaudeAgent({ clock, env }), createClaudeAgent({ clock, env })];
      const answers = [...agents, ...agents].map(agent => agent.check());
      await started(1);
      go();
      for (const answer of await settled(Promise.all(answers), clock)) expect(answer.ok).toBe(true);
      expect(starts()).toBe(1);
    });

    it('none ends another, even if they share nothing', async () => {
      const { env, started, go } = slowClient();
      const clock = new SimulatedClock();
      const fast = join(folder, 'fast');
      writeFileSync(fast, "#!/bin/sh\necho '2.1.330'\n", { mode: 0o755 });
      const slow = createClaudeAgent({ clock, env }).check();
      await started(1);
      const other = createClaudeAgent({ clock, env: { ...env, SESSION_GROUPS_CLAUDE: fast } });
      expect(await settled(other.check(), clock)).toMatchObject({ ok: true });
      go();
      expect(await settled(slow, clock)).toMatchObject({ ok: true });
    });

    it('one that is aborted does not end the check for the others', async () => {
      const { env, started, go } = slowClient();
      const clock = new SimulatedClock();
      const agent = createClaudeAgent({ clock, env });
      const abort = new AbortController();
      const aborted = agent.check({ signal: abort.signal });
      const other = agent.check();
      await started(1);
      abort.abort(new Error('enough'));
      await expect(settled(aborted, clock)).rejects.toThrow('enough');
      go();
      expect(await settled(other, clock)).toMatchObject({ ok: true });
    });
  });

  it('caches a success and repeats a failed check', async () => {
    const path = join(folder, 'claude');
    const clock = new SimulatedClock();
    const agent = createClaudeAgent({
      clock,
      env: { PATH: `${folder}:${PATH}`, SESSION_GROUPS_CLAUDE: path },
    });
    expect(await agent.check()).toMatchObject({ ok: false });
    writeFileSync(path, '#!/bin/sh\necho "2.1.330 (Claude Code)"\n', { mode: 0o755 });
    expect(await settled(agent.check(), clock)).toMatchObject({ ok: true });
    writeFileSync(path, '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    expect(await agent.check()).toMatchObject({ ok: true });
  });
});
