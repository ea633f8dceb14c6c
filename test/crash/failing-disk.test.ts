import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../src/sdk/clock.ts';
import { isEvent } from '../../src/sdk/group/journal/records.ts';
import type { GroupResult } from '../../src/sdk/group/progress/progress.ts';
import { endOrphans } from '../../src/sdk/process/orphans.ts';
import { createFileStore } from '../../src/store/file-store.ts';
import { startCli } from '../cli/built-cli.ts';
import { program } from '../sdk/process/process-fixture.ts';
import { makeReadOnly } from '../store/read-only.ts';
import { agentProcesses } from '../support/group-bench.ts';
import { type AskedEngine, askedEngine } from './asked-engine.ts';
import { compiledEngine } from './crashed-group.ts';
import { SmallDisk } from './small-disk.ts';

/** Real engines and agents on a full or read-only disk (design-docs/adr/0012-failing-disk.md). */

let modules = '';
beforeAll(() => {
  modules = compiledEngine();
});

let folder = '';
let data = '';
let disk: SmallDisk | undefined;
const engines: AskedEngine[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'session-groups-disk-'));
  data = join(folder, 'data');
});
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.leave();
  for (const id of ids()) await endOrphans(id, systemClock);
  disk?.remove();
  disk = undefined;
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

const ids = (): string[] => {
  try {
    return readdirSync(join(data, 'groups'));
  } catch {
    return [];
  }
};
const groupId = (): string => ids()[0] ?? '';
const log = () => join(folder, 'agents.log');
const gate = () => join(folder, 'gate');

const REPLY_USD = 0.003;
const SCRIPTED_USD = 0.1;

/** Three concurrent programs that spend money, one after them, and two scripted agents. */
function definition() {
  const project = (id: string) => {
    const path = join(folder, 'projects', id);
    mkdirSync(path, { recursive: true });
    return path;
  };
  const chatty = (id: string, more: object = {}) => ({
    id,
    prompt: 'Work.',
    projectPath: project(id),
    agent: {
      kind: 'command',
      command: [process.execPath, program('chatty-agent.mjs'), log(), id, gate()],
      output: 'stream-json',
    },
    ...more,
  });
  const scripted = (id: string, more: object = {}) => ({
    id,
    prompt: 'Work.',
    projectPath: project(id),
    agent: { kind: 'scripted', steps: [{ cost: SCRIPTED_USD }, { result: `result of ${id}` }] },
    ...more,
  });
  return {
    version: 1,
    name: 'disk',
    config: { concurrency: { maxConcurrent: 4 }, retry: { initialInterval: '10ms' } },
    sessions: [
      scripted('early'),
      chatty('a'),
      chatty('b'),
      chatty('c'),
      chatty('after', { dependsOn: ['a', 'b'] }),
      scripted('late', { dependsOn: ['after', 'c'] }),
    ],
  };
}

function engine(order: object): AskedEngine {
  const started = askedEngine(modules, { dataDir: data, ...order });
  engines.push(started);
  return started;
}

const words = (word: string) =>
  readFileSync(log(), 'utf8')
    .split('\n')
    .filter(line => line.startsWith(`${word} `));

/** An engine with all three programs running, before their first output. */
async function atWork() {
  const first = engine({ definition: definition() });
  expect((await first.opened).result?.status).toBe('created');
  const running = first.ask('run');
  await vi.waitFor(() => expect(words('start')).toHaveLength(3), { timeout: 60_000, interval: 20 });
  return { first, running };
}

const open = () => writeFileSync(gate(), '');
const journal = () => join(data, 'groups', groupId(), 'journal.ndjson');
const stored = () => createFileStore({ dataDir: data }).read(groupId());

/** I4, I8, I11: each settled once, no event is missing, and the costs match the agents' own logs. */
async function expectWhole(result: GroupResult | undefined): Promise<void> {
  expect(result?.storeError).toBeUndefined();
  expect(result?.status).toBe('completed');
  const { records } = await stored();
  const events = records.filter(isEvent);
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index));
  const completed = events.flatMap(event => (event.type === 'session_completed' ? [event.sessionId] : []));
  expect(completed.sort()).toEqual(['a', 'after', 'b', 'c', 'early', 'late']);
  expect(result?.totalCostUsd).toBeCloseTo(words('reply').length * REPLY_USD + 2 * SCRIPTED_USD, 6);
}

const lastEvent = async () => (await stored()).records.filter(isEvent).at(-1);

describe('a disk that becomes full while agents work', () => {
  it('pauses the group with everything recorded; with free space it is resumed and nothing was lost', async () => {
    disk = new SmallDisk(data);
    const { first, running } = await atWork();
    disk.fill();
    open();
    const { result } = await running;
    expect(result).toMatchObject({
      status: 'paused',
      reason: 'store_failed',
      storeError: { code: 'disk_full', hint: 'Free some space, then resume the group.' },
    });
    expect(result?.storeError?.message).toContain(`${journal()}: no space is left for the journal: ENOSPC`);
    expect(agentProcesses(groupId()), 'I7').toEqual([]);
    // The pause and the costs were written although the disk is full.
    expect(await lastEvent()).toMatchObject({ type: 'group_paused', reason: 'store_failed' });
    const spent = result?.totalCostUsd;
    expect(spent).toBeCloseTo(words('reply').length * REPLY_USD + SCRIPTED_USD, 6);

    // In the same process.
    disk.fill();
    const before = readFileSync(journal());
    expect((await first.ask('resume')).error).toMatchObject({ code: 'store_failed', refused: true });
    expect((await first.ask('dispose')).error).toBeUndefined();
    expect(await first.leave()).toEqual({ code: 0, stderr: '' });

    // In another.
    disk.fill();
    const second = engine({ id: groupId() });
    const opened = await second.opened;
    const refusal = opened.error ?? (await second.ask('resume')).error;
    expect(refusal).toMatchObject({ code: 'store_failed', refused: true });
    expect(refusal?.message).toMatch(/ENOSPC/);
    expect(refusal?.hint).toContain('Free some space');
    await second.leave();
    expect(readFileSync(journal())).toEqual(before);
    expect(words('start')).toHaveLength(3);

    disk.makeRoom();
    const third = engine({ id: groupId() });
    expect((await third.opened).result).toMatchObject({ status: 'paused', totalCostUsd: spent });
    await expectWhole((await third.ask('resume')).result);
    expect((await third.ask('dispose')).error).toBeUndefined();
    expect(readdirSync(join(data, 'groups', groupId()))).not.toContain('journal.reserve');
  });

  it('continues in the same process too', async () => {
    disk = new SmallDisk(data);
    const { first, running } = await atWork();
    disk.fill();
    open();
    expect((await running).result).toMatchObject({ status: 'paused', reason: 'store_failed' });
    disk.makeRoom();
    await expectWhole((await first.ask('resume')).result);
    expect((await first.ask('dispose')).error).toBeUndefined();
  });

  it('is reported by the command line, with a hint', async () => {
    disk = new SmallDisk(data);
    const file = join(folder, 'group.json');
    writeFileSync(file, JSON.stringify(definition()));
    const cli = (...argv: string[]) => startCli(argv, folder, { SESSION_GROUPS_DATA_DIR: data });
    const run = cli('run', file);
    await vi.waitFor(() => expect(words('start')).toHaveLength(3), { timeout: 60_000, interval: 20 });
    disk.fill();
    open();
    expect(await run.ended).toBe(3);
    expect(run.out()).toContain('its journal cannot be written');
    expect(run.err()).toContain(`error: ${journal()}: no space is left for the journal: ENOSPC`);
    expect(run.err()).toContain('hint: Free some space, then resume the group.');
    expect(run.err()).not.toContain('not written');
    expect(run.err()).toContain(`Resume it with: session-groups group resume ${groupId()}`);
    expect(agentProcesses(groupId()), 'I7').toEqual([]);

    disk.fill();
    const full = cli('group', 'resume', groupId());
    expect(await full.ended).toBe(5);
    expect(full.err()).toMatch(/^error: .*ENOSPC.*\nhint: Free some space/m);

    disk.makeRoom();
    const resumed = cli('group', 'resume', groupId(), '--json');
    expect(await resumed.ended).toBe(0);
    await expectWhole(JSON.parse(resumed.out().trimEnd().split('\n').at(-1) ?? ''));
  });

  it('refuses a new group and leaves no files', async () => {
    disk = new SmallDisk(data);
    mkdirSync(join(data, 'groups'));
    disk.fill();
    const first = engine({ definition: definition() });
    expect((await first.opened).error).toMatchObject({ code: 'disk_full' });
    expect((await first.leave()).stderr).toBe('');
    expect(readdirSync(join(data, 'groups'))).toEqual([]);
  });
});

describe('a journal that has become read-only', () => {
  it('pauses the group; events that happened meanwhile are written once it is writable', async () => {
    const { first, running } = await atWork();
    const allow = makeReadOnly(journal());
    try {
      open();
      const { result } = await running;
      expect(result).toMatchObject({
        status: 'paused',
        reason: 'store_failed',
        storeError: { code: 'journal_read_only', hint: 'Make the folder writable, then resume the group.' },
      });
      expect(agentProcesses(groupId()), 'I7').toEqual([]);
      expect((await first.ask('resume')).error).toMatchObject({ code: 'store_failed', refused: true });
    } finally {
      allow();
    }
    await expectWhole((await first.ask('resume')).result);
    expect((await first.ask('dispose')).error).toBeUndefined();
  });

  it('an engine that exits before that names what is lost; the next one continues from the journal', async () => {
    const { first, running } = await atWork();
    const allow = makeReadOnly(journal());
    try {
      open();
      expect((await running).result?.status).toBe('paused');
      const { error } = await first.ask('dispose');
      expect(error?.code).toBe('records_lost');
      expect(error?.message).toMatch(
        /not written: .*session_message of [abc].* \(.*journal\.ndjson: .*EPERM/,
      );
      expect(await first.leave()).toEqual({ code: 0, stderr: '' });
    } finally {
      allow();
    }
    const second = engine({ id: groupId() });
    expect((await second.opened).result?.status).toBe('running');
    const { result } = await second.ask('resume');
    expect(result?.status).toBe('completed');
    const events = (await stored()).records.filter(isEvent);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index));
  });
});

describe('a folder that has become read-only', () => {
  it('is reported when a group is created in it or taken over; once it is writable, the group continues', async () => {
    disk = new SmallDisk(data);
    const { first, running } = await atWork();
    disk.fill();
    open();
    expect((await running).result?.status).toBe('paused');
    expect((await first.ask('dispose')).error).toBeUndefined();
    await first.leave();
    disk.makeRoom();

    disk.readOnly(true);
    for (const order of [{ id: groupId() }, { definition: definition() }]) {
      const next = engine(order);
      const { error } = await next.opened;
      expect(error?.message).toMatch(/EROFS|read-only/);
      expect(error?.hint).toMatch(/Make the folder writable/);
      await next.leave();
    }
    disk.readOnly(false);
    expect(ids()).toHaveLength(1);
    const last = engine({ id: groupId() });
    await last.opened;
    await expectWhole((await last.ask('resume')).result);
    await last.ask('dispose');
  });
});
