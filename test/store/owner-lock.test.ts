// @module-tag processes
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemDisk as disk } from '../../src/sdk/disk/disk.ts';
import type { TakeOptions } from '../../src/sdk/group/store/store.ts';
import { type Machine, thisMachine as machine } from '../../src/store/machine.ts';
import { readOwner as ownerOn, takeOwnership } from '../../src/store/owner-lock.ts';
import { lifeOf, type OwnerRecord, ownRecord, publicOwner } from '../../src/store/owner-record.ts';
import { type Run, run } from '../sdk/process/process-fixture.ts';
import { compiledSources } from '../sdk/session/compiled-sources.ts';

const folder = (): string => mkdtempSync(join(tmpdir(), 'sg-lock-'));
const readOwner = (dir: string) => ownerOn(disk, dir);
const take = (dir: string, how?: TakeOptions, on: Machine = machine) =>
  takeOwnership({ disk, machine: on }, dir, 'g', '2026-01-01T00:00:00.000Z', how);
const writeOwner = (dir: string, changes: Partial<OwnerRecord>): OwnerRecord => {
  const record = { ...ownRecord(machine, '2025-12-31T00:00:00.000Z'), ...changes };
  writeFileSync(join(dir, 'owner.json'), JSON.stringify(record));
  return record;
};

describe('the lock of a group', () => {
  test('has one holder at a time, even within one process, and leaves no files behind (I12)', () => {
    const dir = folder();
    const lock = take(dir);
    expect(() => take(dir)).toThrow(expect.objectContaining({ code: 'owned_elsewhere' }));
    expect(statSync(join(dir, 'owner.json')).mode & 0o777).toBe(0o600);
    lock.release();
    expect(readdirSync(dir)).toEqual([]);
    const next = take(dir);
    lock.release();
    lock.announce('/not/ours');
    expect(readOwner(dir)?.address).toBeUndefined();
    next.release();
    expect(readdirSync(dir)).toEqual([]);
  });

  test.each([
    ['torn', (text: string) => text.slice(0, 40)],
    ['of another token', (text: string) => text.replace(/"token":"./, '"token":"f')],
  ])('a held lock that others have changed is left alone: %s (LOCK-5)', (_, change) => {
    const dir = folder();
    const lock = take(dir);
    const path = join(dir, 'owner.json');
    let changed = change(readFileSync(path, 'utf8'));
    if (changed === readFileSync(path, 'utf8')) changed = changed.replace(/"token":"./, '"token":"e');
    writeFileSync(path, changed);
    lock.announce('/run/control.sock');
    lock.release();
    expect(readFileSync(path, 'utf8')).toBe(changed);
  });

  test('names the owner, and its control socket once announced', () => {
    const dir = folder();
    take(dir).announce('/run/control.sock');
    expect(readOwner(dir)).toMatchObject({ pid: process.pid, address: '/run/control.sock' });
    expect(() => take(dir)).toThrow(
      expect.objectContaining({
        owner: expect.objectContaining({ pid: process.pid, alive: true, address: '/run/control.sock' }),
      }),
    );
  });

  test('a reused pid does not fool it: another start time is another process', () => {
    const dir = folder();
    const dead = writeOwner(dir, { startTime: 'another boot:12' });
    expect(lifeOf(machine, dead)).toBe('dead');
    take(dir);
    expect(readOwner(dir)?.token).not.toBe(dead.token);
    expect(readdirSync(dir)).toEqual(['owner.json']);
  });

  // Here is a container on the machine that was booted as ONE.
  const [ONE, TWO] = ['1', '2'].map(boot => `${boot.repeat(8)}-1111-1111-1111-111111111111`);
  const here: Machine = {
    ...{ host: 'here', pid: 100, pidNamespace: 'pid:[7]' },
    startTime: pid => (pid === 100 || pid === 7 ? `${ONE}:${pid}` : undefined),
    exists: pid => pid === 100 || pid === 7,
    isSuspended: () => false,
  };
  const started = (startTime: string | undefined, more: Partial<OwnerRecord>): OwnerRecord => ({
    ...ownRecord(here, 'then'),
    ...{ pid: 7, host: 'there', ...more },
    startTime,
  });
  const firstRelease = { pidNamespace: undefined };

  test.each<[string, ReturnType<typeof lifeOf>, OwnerRecord]>([
    ['whose host got another name', 'dead', started(`${ONE}:6`, {})],
    ['whose host got another name, and that lives', 'alive', started(`${ONE}:7`, {})],
    [
      'that the first release wrote before the host got another name',
      'dead',
      started(`${ONE}:6`, firstRelease),
    ],
    ['from before a restart', 'dead', started(`${TWO}:6`, { host: 'here' })],
    [
      'from before a restart, in another container',
      'dead',
      started(`${TWO}:6`, { host: 'here', pidNamespace: 'pid:[8]' }),
    ],
    ['of another machine', 'unknown', started(`${TWO}:6`, {})],
    ['of another machine, in a namespace with the same number', 'unknown', started(`${TWO}:7`, {})],
    ['of another container', 'unknown', started(`${ONE}:6`, { pidNamespace: 'pid:[8]' })],
    [
      'of another container with the same name',
      'unknown',
      started(`${ONE}:6`, { host: 'here', pidNamespace: 'pid:[8]' }),
    ],
    ['of another machine without start times', 'unknown', started(undefined, firstRelease)],
    ['without a start time, and that lives', 'alive', started(undefined, { ...firstRelease, host: 'here' })],
    ['without a start time', 'dead', started(undefined, { ...firstRelease, host: 'here', pid: 8 })],
  ])('of an owner %s: it is %s', (_, life, owner) => {
    const dir = folder();
    writeFileSync(join(dir, 'owner.json'), JSON.stringify(owner));
    expect(lifeOf(here, owner)).toBe(life);
    const taken = () => take(dir, {}, here).release();
    if (life === 'dead') expect(taken).not.toThrow();
    else expect(taken).toThrow(expect.objectContaining({ code: 'owned_elsewhere' }));
    expect(readOwner(dir)).toEqual(life === 'dead' ? undefined : JSON.parse(JSON.stringify(owner)));
  });

  test('an owner that cannot be checked is replaced only on demand, and the error names the risk', () => {
    const dir = folder();
    const there = writeOwner(dir, { host: 'elsewhere', startTime: 'gone' });
    expect(publicOwner(machine, there)).toMatchObject({ alive: true, unchecked: true });
    expect(() => take(dir)).toThrow(
      expect.objectContaining({
        code: 'owned_elsewhere',
        hint: expect.stringMatching(/Manage it on elsewhere\..* --take-over.* both run the group/),
      }),
    );
    expect(readOwner(dir)).toEqual(there);
    take(dir, { takeOver: true }).release();
    expect(readdirSync(dir)).toEqual([]);
  });

  test('so is one that cannot be checked and died while taking over', () => {
    const dir = folder();
    const elsewhere = { host: 'elsewhere', startTime: 'gone' };
    const owner = writeOwner(dir, elsewhere);
    const ticket = { ...ownRecord(machine, 'x'), ...elsewhere };
    writeFileSync(join(dir, `.owner-after-${owner.token}.json`), JSON.stringify(ticket));
    expect(() => take(dir)).toThrow(expect.objectContaining({ code: 'owned_elsewhere' }));
    take(dir, { takeOver: true }).release();
    expect(readdirSync(dir)).toEqual([]);
  });

  test('an owner that is known to be alive is not replaced, whatever is demanded', () => {
    const dir = folder();
    const lock = take(dir);
    expect(() => take(dir, { takeOver: true })).toThrow(expect.objectContaining({ code: 'owned_elsewhere' }));
    lock.release();
  });

  test.each([
    ['nothing', ''],
    ['no record', '{"pid":1}'],
    ['no JSON', '\0\0\0'],
  ])('an owner.json that contains %s is not overwritten, unless that is demanded', (_, text) => {
    const dir = folder();
    writeFileSync(join(dir, 'owner.json'), text);
    expect(() => take(dir)).toThrow(
      expect.objectContaining({ code: 'owner_unreadable', hint: expect.stringContaining('rm ') }),
    );
    expect(readdirSync(dir)).toEqual(['owner.json']);
    const lock = take(dir, { takeOver: true });
    expect(() => take(dir, { takeOver: true })).toThrow(expect.objectContaining({ code: 'owned_elsewhere' }));
    lock.release();
    expect(readdirSync(dir)).toEqual([]);
  });

  test('one that cannot be read is replaced once, also by who died while doing so', () => {
    const dir = folder();
    writeFileSync(join(dir, 'owner.json'), 'x');
    const token = createHash('sha256').update('x').digest('hex').slice(0, 36);
    const [dead, alive] = [{ startTime: 'gone' }, {}].map(change => ({
      ...ownRecord(machine, 'x'),
      ...change,
    }));
    const ticket = join(dir, `.owner-after-${token}.json`);
    writeFileSync(ticket, JSON.stringify(alive));
    expect(() => take(dir, { takeOver: true })).toThrow(expect.objectContaining({ code: 'owned_elsewhere' }));
    writeFileSync(ticket, JSON.stringify(dead));
    take(dir, { takeOver: true }).release();
    expect(readdirSync(dir)).toEqual([]);
  });

  test('an owner that died while taking over is replaced too', () => {
    const dir = folder();
    const dead = { startTime: 'gone' };
    const owner = writeOwner(dir, dead);
    const ticket = { ...ownRecord(machine, 'x'), ...dead };
    writeFileSync(join(dir, `.owner-after-${owner.token}.json`), JSON.stringify(ticket));
    take(dir).release();
    expect(readdirSync(dir)).toEqual([]);
  });
});

describe('the lock among processes', () => {
  let modules = '';
  const contenders: Run[] = [];
  beforeAll(() => {
    modules = compiledSources('src/store/owner-lock.ts');
  });
  afterAll(async () => {
    for (const contender of contenders) contender.kill();
    await Promise.all(contenders.map(contender => contender.exited));
    rmSync(modules, { recursive: true, force: true });
  });

  async function contender(dir: string) {
    const child = run('lock-contender.mjs', [modules, dir]);
    contenders.push(child);
    expect(await child.nextLine()).toBe('ready');
    const ask = (words: string): Promise<string> => {
      child.write(`${words}\n`);
      return child.nextLine();
    };
    return { ask, child };
  }

  test('two that race for a dead owner’s group fifty times: one wins, the other gets its pid', async () => {
    const dir = folder();
    const both = [await contender(dir), await contender(dir)];
    for (let round = 0; round < 50; round += 1) {
      writeOwner(dir, { startTime: 'gone' });
      const answers = await Promise.all(both.map(({ ask }) => ask('take')));
      const winner = both[answers.indexOf('won')];
      expect(answers.toSorted()).toEqual([`lost ${winner?.child.pid}`, 'won']);
      expect(await winner?.ask('release')).toBe('released');
    }
  });

  test('has never two holders, however hard four processes contend and die', async () => {
    const dir = folder();
    mkdirSync(join(dir, 'witnesses'));
    const four = await Promise.all([1, 2, 3, 4].map(() => contender(dir)));
    expect(await Promise.all(four.map(({ ask }) => ask('contend 60')))).toEqual(['0', '0', '0', '0']);
  });

  test('an owner that was killed with SIGKILL is replaced', async () => {
    const dir = folder();
    const { ask, child } = await contender(dir);
    expect(await ask('take')).toBe('won');
    expect(() => take(dir)).toThrow(expect.objectContaining({ code: 'owned_elsewhere' }));
    child.write('die\n');
    await child.exited;
    const owner = readOwner(dir);
    expect(owner && publicOwner(machine, owner)).toMatchObject({ pid: child.pid, alive: false });
    take(dir).release();
  });
});
