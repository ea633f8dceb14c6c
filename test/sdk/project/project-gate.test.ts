// @module-tag processes
import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../../src/sdk/clock.ts';
import { fileProjectGate, projectHolders } from '../../../src/sdk/project/file-project-gate.ts';
import { memoryProjectGate, type ProjectGate } from '../../../src/sdk/project/project-gate.ts';
import { projectKey } from '../../../src/sdk/project/project-key.ts';
import { ensureOwnFolder, runtimeFolder } from '../../../src/sdk/project/runtime-folder.ts';
import { SimulatedClock } from '../../../src/sdk/simulated-clock.ts';
import { type Run, run } from '../process/process-fixture.ts';
import { compiledSources } from '../session/compiled-sources.ts';

const folder = (): string => realpathSync(mkdtempSync(join(tmpdir(), 'sg-gate-')));

const makers: { name: string; make: () => ProjectGate }[] = [
  { name: 'memory', make: memoryProjectGate },
  { name: 'file', make: () => fileProjectGate({ dir: folder(), clock: systemClock }) },
];

for (const { name, make } of makers) {
  describe(`the ${name} gate`, () => {
    test('admits as many as the limit, for each project (I3)', () => {
      const gate = make();
      expect(gate.tryEnter('/p', 2, 'a')).toBe(true);
      expect(gate.tryEnter('/p', 2, 'b')).toBe(true);
      expect(gate.tryEnter('/p', 2, 'c')).toBe(false);
      expect(gate.tryEnter('/q', 1, 'c')).toBe(true);
      gate.close();
    });

    test('applies the limit of each caller, whatever the others asked for', () => {
      const gate = make();
      gate.tryEnter('/p', 2, 'a');
      expect(gate.tryEnter('/p', 1, 'b')).toBe(false);
      gate.tryEnter('/p', 2, 'b');
      gate.leave('/p', 'a');
      expect(gate.tryEnter('/p', 1, 'c')).toBe(false);
      gate.leave('/p', 'b');
      expect(gate.tryEnter('/p', 1, 'c')).toBe(true);
      gate.close();
    });

    test('admits a holder that asks twice, and counts it once', () => {
      const gate = make();
      expect(gate.tryEnter('/p', 1, 'a')).toBe(true);
      expect(gate.tryEnter('/p', 1, 'a')).toBe(true);
      gate.leave('/p', 'a');
      expect(gate.tryEnter('/p', 1, 'b')).toBe(true);
      gate.close();
    });

    test('tells those who wait who is in, and what that waits for', () => {
      const gate = make();
      const told = () => gate.holders?.('/p').map(({ holder, waitsFor }) => [holder, waitsFor]);
      expect(told()).toEqual([]);
      gate.tryEnter('/p', 1, 'G/a');
      expect(told()).toEqual([['G/a', undefined]]);
      gate.mark?.('G/a', 'approval');
      gate.mark?.('G/b', 'approval');
      expect(told()).toEqual([['G/a', 'approval']]);
      gate.mark?.('G/a', undefined);
      expect(told()).toEqual([['G/a', undefined]]);
      expect(gate.tryEnter('/p', 1, 'G/b')).toBe(false);
      gate.leave('/p', 'G/a');
      expect(told()).toEqual([]);
      gate.close();
    });

    test('notifies when a slot is freed, but not for a holder that was not in', () => {
      const gate = make();
      const freed: string[] = [];
      const unsubscribe = gate.onFreed(project => freed.push(project));
      gate.tryEnter('/p', 1, 'a');
      gate.leave('/p', 'somebody');
      gate.leave('/q', 'a');
      expect(freed).toEqual([]);
      gate.leave('/p', 'a');
      expect(freed).toEqual(['/p']);
      unsubscribe();
      gate.tryEnter('/p', 1, 'a');
      gate.leave('/p', 'a');
      expect(freed).toEqual(['/p']);
      gate.close();
    });
  });
}

describe('the file gate among processes', () => {
  let modules = '';
  const contenders: Run[] = [];

  beforeAll(() => {
    modules = compiledSources('src/sdk/project/file-project-gate.ts', 'src/sdk/clock.ts');
  });
  afterAll(async () => {
    for (const contender of contenders) contender.kill();
    await Promise.all(contenders.map(contender => contender.exited));
    rmSync(modules, { recursive: true, force: true });
  });

  async function contender(dir: string): Promise<(words: string) => Promise<string>> {
    const child = run('gate-contender.mjs', [modules, dir]);
    contenders.push(child);
    expect(await child.nextLine()).toBe('ready');
    return words => {
      child.write(`${words}\n`);
      return child.nextLine();
    };
  }

  const gateIn = (dir: string, clock = new SimulatedClock()) => ({
    clock,
    gate: fileProjectGate({ dir: join(dir, 'claims'), clock }),
  });

  for (const limit of [1, 2]) {
    test(`never admits more than ${limit}, however hard four processes contend`, async () => {
      const dir = folder();
      mkdirSync(join(dir, 'witnesses'));
      const asks = await Promise.all([1, 2, 3, 4].map(() => contender(dir)));
      expect(await Promise.all(asks.map(ask => ask(`contend /p ${limit} 200`)))).toEqual([
        '0',
        '0',
        '0',
        '0',
      ]);
    });
  }

  test('a holder refused because of another process is notified when that one leaves', async () => {
    const dir = folder();
    const ask = await contender(dir);
    const { clock, gate } = gateIn(dir);
    const freed: string[] = [];
    gate.onFreed(project => freed.push(project));
    expect(await ask('enter /p 1 theirs')).toBe('true');
    expect(clock.pending).toBe(0);
    expect(gate.tryEnter('/p', 1, 'ours')).toBe(false);
    clock.advance(2_000);
    expect(freed).toEqual([]);
    expect(await ask('leave /p theirs')).toBe('left');
    clock.advance(500);
    expect(freed).toEqual(['/p']);
    expect(clock.pending).toBe(0);
    expect(gate.tryEnter('/p', 1, 'ours')).toBe(true);
    expect(await ask('enter /p 1 theirs')).toBe('false');
    gate.close();
    expect(await ask('enter /p 1 theirs')).toBe('true');
  });

  test('a holder that is killed with SIGKILL frees its slot', async () => {
    const dir = folder();
    const ask = await contender(dir);
    const { clock, gate } = gateIn(dir);
    const freed: string[] = [];
    gate.onFreed(project => freed.push(project));
    await ask('enter /p 1 theirs');
    expect(gate.tryEnter('/p', 1, 'ours')).toBe(false);
    const holder = contenders.at(-1);
    process.kill(holder?.pid ?? 0, 'SIGKILL');
    await holder?.exited;
    clock.advance(500);
    expect(freed).toEqual(['/p']);
    expect(gate.tryEnter('/p', 1, 'ours')).toBe(true);
    expect(readdirSync(join(dir, 'claims'))).toHaveLength(1);
    gate.close();
  });

  test('a claim whose pid now belongs to another process does not count', async () => {
    const dir = folder();
    const { gate } = gateIn(dir);
    gate.tryEnter('/p', 1, 'for its name');
    const [name = ''] = readdirSync(join(dir, 'claims'));
    gate.leave('/p', 'for its name');
    const [project, , , start] = name.split('.');
    // This pid is alive, but did not start at the time in the claim.
    const reused = `${project}.00000000-0000-4000-8000-000000000000.${process.ppid}.${start}.claim`;
    writeFileSync(join(dir, 'claims', reused), '');
    expect(gate.tryEnter('/p', 1, 'ours')).toBe(true);
    expect(readdirSync(join(dir, 'claims'))).not.toContain(reused);
    gate.close();
  });

  test('two gates of one process exclude each other too', () => {
    const dir = folder();
    const first = gateIn(dir);
    const second = gateIn(dir);
    const freed: string[] = [];
    second.gate.onFreed(project => freed.push(project));
    expect(first.gate.tryEnter('/p', 1, 'same name')).toBe(true);
    expect(second.gate.tryEnter('/p', 1, 'same name')).toBe(false);
    first.gate.close();
    second.clock.advance(500);
    expect(freed).toEqual(['/p']);
  });

  test('tells who is in since when, and reads claims of earlier releases and damaged ones', () => {
    const dir = folder();
    const clock = new SimulatedClock();
    const [one, other] = [fileProjectGate({ dir, clock }), fileProjectGate({ dir, clock })];
    one.tryEnter('/p', 2, 'G/a');
    const since = clock.now();
    expect(other.holders?.('/p')).toEqual([{ holder: 'G/a', since }]);
    one.mark?.('G/a', 'approval');
    expect(other.holders?.('/p')).toEqual([{ holder: 'G/a', since }]); // read just now
    clock.advance(500);
    expect(other.holders?.('/p')).toEqual([{ holder: 'G/a', since, waitsFor: 'approval' }]);
    const [claim = ''] = readdirSync(dir);
    expect(readdirSync(dir)).toEqual([claim]);
    expect(other.tryEnter('/p', 1, 'H/b')).toBe(false);
    for (const [content, expected] of [
      [{ pid: 1, startTime: 'x', holder: 'G/a', project: '/p' }, [{ holder: 'G/a' }]],
      [{ pid: 1 }, []],
      ['{', []],
    ] as const) {
      writeFileSync(join(dir, claim), typeof content === 'string' ? content : JSON.stringify(content));
      expect(projectHolders('/p', dir)).toEqual(expected);
    }
    one.close();
    expect(projectHolders('/p', dir)).toEqual([]);
    other.close();
  });

  test('polls only while a holder waits for another process', () => {
    const dir = folder();
    const first = gateIn(dir);
    const second = gateIn(dir);
    first.gate.tryEnter('/p', 1, 'a');
    expect(first.gate.tryEnter('/p', 1, 'b')).toBe(false);
    expect(first.clock.pending).toBe(0);
    second.gate.tryEnter('/p', 1, 'c');
    expect(second.clock.pending).toBe(1);
    second.gate.close();
    expect(second.clock.pending).toBe(0);
  });

  test('recreates its folder if a cleaner removed it', () => {
    const dir = folder();
    const { gate } = gateIn(dir);
    rmSync(join(dir, 'claims'), { recursive: true });
    expect(gate.tryEnter('/p', 1, 'a')).toBe(true);
  });

  test('does not keep a process alive that has nothing else to do', () => {
    const dir = folder();
    const { gate } = gateIn(dir);
    gate.tryEnter('/p', 1, 'ours');
    const script = `
      const { fileProjectGate } = await import(${JSON.stringify(`${modules}/src/sdk/project/file-project-gate.js`)});
      const { systemClock } = await import(${JSON.stringify(`${modules}/src/sdk/clock.js`)});
      const gate = fileProjectGate({ clock: systemClock, dir: ${JSON.stringify(join(dir, 'claims'))} });
      process.exitCode = gate.tryEnter('/p', 1, 'theirs') ? 1 : 7;`;
    const child = spawnSync(process.execPath, ['--input-type=module', '-e', script], { timeout: 60_000 });
    expect(child.status).toBe(7);
    gate.close();
  });
});

describe('the runtime folder', () => {
  test('is 0700 below XDG_RUNTIME_DIR', () => {
    const base = folder();
    vi.stubEnv('XDG_RUNTIME_DIR', base);
    const path = runtimeFolder('projects');
    vi.unstubAllEnvs();
    expect(path).toBe(join(base, 'session-groups', 'projects'));
    expect(statSync(path).mode & 0o777).toBe(0o700);
  });

  test('is made private if it was open', () => {
    const path = join(folder(), 'open');
    mkdirSync(path, { mode: 0o777 });
    ensureOwnFolder(path);
    expect(statSync(path).mode & 0o777).toBe(0o700);
  });

  test('is rejected if it is a link or belongs to another user', () => {
    const base = folder();
    mkdirSync(join(base, 'elsewhere'));
    symlinkSync(join(base, 'elsewhere'), join(base, 'link'));
    expect(() => ensureOwnFolder(join(base, 'link'))).toThrow("belongs to another user or isn't a folder");
    vi.spyOn(process, 'getuid').mockReturnValue(12_345);
    expect(() => ensureOwnFolder(join(base, 'elsewhere'))).toThrow('belongs to another user');
    vi.restoreAllMocks();
  });
});

describe('projectKey', () => {
  test('is the nearest folder upwards with a .git entry, by its real path', () => {
    const base = folder();
    mkdirSync(join(base, 'repo/.git'), { recursive: true });
    mkdirSync(join(base, 'repo/packages/a'), { recursive: true });
    mkdirSync(join(base, 'repo/worktree/src'), { recursive: true });
    writeFileSync(join(base, 'repo/worktree/.git'), 'gitdir: elsewhere\n');
    symlinkSync(join(base, 'repo/packages'), join(base, 'link'));
    expect(projectKey(join(base, 'repo/packages/a'))).toBe(join(base, 'repo'));
    expect(projectKey(join(base, 'link/a'))).toBe(join(base, 'repo'));
    expect(projectKey(join(base, 'repo/worktree/src'))).toBe(join(base, 'repo/worktree'));
  });

  test('is the folder itself if there is none, even if it does not exist', () => {
    const base = folder();
    expect(projectKey(base)).toBe(base);
    expect(projectKey(join(base, 'missing'))).toBe(join(base, 'missing'));
  });
});
