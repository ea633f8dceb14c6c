import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { isEvent } from '../../src/sdk/group/journal/records.ts';
import { createFileStore } from '../../src/store/file-store.ts';
import { builtCli, type Running, startCli } from '../cli/built-cli.ts';
import { finished } from '../cli/workshop.ts';
import { isAlive } from '../sdk/process/process-fixture.ts';
import { claudeExecutable } from '../support/claude-bench.ts';
import { agentProcesses, type GroupBench, groupBench } from '../support/group-bench.ts';
import { text, toolUse } from '../support/messages-api/answers.ts';
import { reaperOf } from '../support/reaper-process.ts';

/** Kills engines with real clients at random moments, every second one with its reaper (CRASH_SEED repeats a run). */

const seed = Number(process.env.CRASH_SEED ?? Math.floor(Math.random() * 1e9));
let state = seed;
/** Seeded random numbers from 0 to 1 (mulberry32). */
function random(): number {
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), state | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
}

const KILLS = 6;
const SESSIONS = ['a', 'b', 'c'];

let bench: GroupBench;
const running: Running[] = [];
beforeEach(async () => {
  builtCli();
  bench = await groupBench();
});
afterEach(async () => {
  for (const { process, ended } of running.splice(0)) {
    process.kill('SIGKILL');
    await ended;
  }
  await bench.close();
});

const data = () => join(bench.folder, 'data');
const store = () => createFileStore({ dataDir: data() });
const groupIds = (): string[] => {
  try {
    return readdirSync(join(data(), 'groups')).filter(name => !name.startsWith('.'));
  } catch {
    return [];
  }
};

function start(...argv: string[]): Running {
  const env = {
    ...bench.env,
    SESSION_GROUPS_CLAUDE: claudeExecutable(),
    SESSION_GROUPS_DATA_DIR: data(),
  };
  const cli = startCli([...argv, '--json'], bench.folder, env);
  running.push(cli);
  return cli;
}

/** Runs the command that a user would type next. */
async function continueGroup(file: string): Promise<Running> {
  const [id] = groupIds();
  if (id === undefined) return start('run', file);
  const hasStarted = (await recordsOf(id)).some(({ type }) => type === 'group_started');
  return start('group', hasStarted ? 'resume' : 'run', id);
}

async function killed(cli: Running, withReaper: boolean): Promise<void> {
  const exit = once(cli.process, 'exit');
  const reaper = withReaper ? reaperOf(cli.process.pid) : undefined;
  if (reaper !== undefined) process.kill(reaper, 'SIGKILL');
  cli.process.kill('SIGKILL');
  await exit;
}

/** Resolves when the engine has written something. */
const begins = (cli: Running, known: number) =>
  vi.waitFor(
    async () => {
      const [id] = groupIds();
      const grown = id !== undefined && (await recordsOf(id)).length > known;
      if (!grown && cli.process.exitCode === null) throw new Error(`nothing was written: ${cli.err()}`);
    },
    { timeout: 60_000, interval: 5 },
  );

async function recordsOf(id: string) {
  return (await store().read(id)).records;
}

it(`engines killed at random moments lose nothing and leave nothing running (I1, I4, I7, I8, I14; seed ${seed})`, {
  timeout: 180_000,
}, async () => {
  let killing = true;
  bench.api.answerWith(({ side }) => {
    if (side) return undefined;
    return killing ? toolUse('Bash', { command: 'echo step' }) : text('finished');
  });
  const file = join(bench.folder, 'group.json');
  writeFileSync(
    file,
    JSON.stringify({
      version: 1,
      name: 'crash',
      config: { model: 'sonnet', permissions: { allow: ['Bash(echo *)'] } },
      sessions: SESSIONS.map(id => ({ id, projectPath: bench.repository(id), prompt: `task-${id}` })),
    }),
  );

  const moments: string[] = [];
  let known = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const cli = await continueGroup(file);
    const withReaper = kill % 2 === 1;
    await begins(cli, known);
    const ms = Math.round(random() * 2_500);
    await wait(ms);
    await killed(cli, withReaper);
    const [id = ''] = groupIds();
    known = (await recordsOf(id)).length;
    moments.push(`${ms} ms${withReaper ? ' with its reaper' : ''} (${known} records)`);
    if (!withReaper) {
      await vi.waitFor(() => expect(agentProcesses(id), 'I7').toEqual([]), { timeout: 60_000, interval: 20 });
      continue;
    }
    // Without a reaper, the next owner ends the orphans before it starts anything.
    const orphans = agentProcesses(id);
    const next = await continueGroup(file);
    await vi.waitFor(
      async () => {
        const started = (await recordsOf(id))
          .slice(known)
          .some(({ type }) => type === 'session_started' || type === 'session_resumed');
        if (!started && next.process.exitCode === null) throw new Error('nothing has started yet');
      },
      { timeout: 60_000, interval: 5 },
    );
    expect(orphans.filter(isAlive), 'I1').toEqual([]);
    await killed(next, false);
    await vi.waitFor(() => expect(agentProcesses(id), 'I7').toEqual([]), { timeout: 60_000, interval: 20 });
    known = (await recordsOf(id)).length;
  }
  process.stdout.write(`seed ${seed}; engines killed after ${moments.join(', ')}\n`);

  killing = false;
  const [id = ''] = groupIds();
  const last = await finished(await continueGroup(file));
  const records = await recordsOf(id);
  const events = records.filter(isEvent);
  expect(
    events.map(({ seq }) => seq),
    'I11',
  ).toEqual(events.map((_, index) => index));
  const completed = events.flatMap(event => (event.type === 'session_completed' ? [event.sessionId] : []));
  expect(completed.sort(), 'I4').toEqual(SESSIONS);
  expect(agentProcesses(id)).toEqual([]);
  if (last.code === 0) expect(last.lines.at(-1)).toMatchObject({ type: 'result', status: 'completed' });
  for (const session of SESSIONS) {
    const conversations = events.flatMap(event =>
      (event.type === 'session_started' || event.type === 'session_resumed') && event.sessionId === session
        ? [event.agentSessionId]
        : [],
    );
    expect(new Set(conversations).size, `I14: ${session}`).toBe(1);
    const costs = events.flatMap(event =>
      event.type === 'session_progress' && event.sessionId === session && !event.estimated
        ? [event.costUsd]
        : [],
    );
    expect(costs, 'I8').toEqual([...costs].sort((a, b) => a - b));
  }
});
