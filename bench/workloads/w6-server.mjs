import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import { cpuOf, peakMb } from '../lib/measure.mjs';
import { BENCH } from '../lib/places.mjs';

const WATCHERS = [0, 4, 16];
const EVERY_MS = 10;
const IN_TURN = 10;
const nameOf = watchers => (watchers === 0 ? 'no watcher' : `${watchers} watchers`);

/** The watchers in their process: `watching` once their streams are open, and what they have seen in the end. */
async function startWatchers(number, url, token) {
  if (number === 0) return { seen: async () => [] };
  const args = [join(BENCH, 'lib/watchers.mjs'), url, token, String(number)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  process.once('exit', () => child.kill());
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error('the watchers have ended');
    return value;
  };
  await next();
  return { seen: async () => JSON.parse(await next()) };
}

export default {
  name: 'W6',
  title: 'CPU per event of a process that runs a group and serves it to watchers',
  about:
    'All of 1,000 sessions are live and say something in turn, ten times each, a thousand messages a second, after they have ' +
    'said as much at full speed. The group has a file store; watchers in another process read `GET /groups/ID/events`. `us` is ' +
    'the CPU of the running and serving process per message, with all that it does meanwhile, but without what the same timers ' +
    'take when nobody speaks (`timersUs`: a process that wakes up a hundred times a second). It is checked that every watcher ' +
    'has got every message.',
  rounds: 5,
  cases: ({ size }) =>
    WATCHERS.map(watchers => ({
      name: nameOf(watchers),
      watchers,
      sessions: size(1_000),
      messages: size(10_000),
    })),
  async measure({ watchers, sessions, messages }) {
    const { benchAgent, createFileStore, GroupManager, memoryProjectGate, product } = await import(
      '../lib/product.mjs'
    );
    const { createGroupServer } = await product('serve/index.js');
    const folder = mkdtempSync(join(tmpdir(), 'bench-'));
    const emitters = [];
    let allLive;
    const live = new Promise(resolve => {
      allLive = resolve;
    });
    const agent = benchAgent('talks', ({ conversation }, emit) => {
      emitters.push(emit);
      queueMicrotask(() => emit({ type: 'started', conversationId: conversation.id }));
      if (emitters.length === sessions) queueMicrotask(allLive);
      return { interrupt() {}, terminate() {}, kill() {}, answerPermission() {} };
    });
    const store = createFileStore({ dataDir: folder });
    const manager = new GroupManager({
      ...{ store, agents: { talks: agent }, projects: memoryProjectGate(), env: {} },
    });
    const group = await manager.create({
      ...{ version: 1, name: 'Bench' },
      config: {
        agent: { kind: 'talks' },
        sessionDefaults: { generateClaudeMd: false },
        concurrency: { maxConcurrent: sessions, maxPerProject: sessions },
      },
      sessions: Array.from({ length: sessions }, (_, index) => ({
        ...{ id: `s${index}`, projectPath: folder, prompt: 'Work' },
      })),
    });
    const server = await createGroupServer({ store, manager });
    const run = group.run();
    await live;
    const url = `http://127.0.0.1:${server.port}/api/v1/groups/${group.id}/events`;
    const { seen } = await startWatchers(watchers, url, server.token);
    await pause(500); // the first picture has been sent
    const say = async (speak, rest) => {
      for (let sent = 0; sent < messages; await rest()) {
        for (let left = IN_TURN; left > 0 && sent < messages; left--, sent++) {
          if (speak)
            emitters[sent % sessions]({ type: 'message', role: 'assistant', text: `message ${sent}` });
        }
      }
    };
    await say(true, nextTurn);
    await pause(500);
    const timers = await cpuOf(() => say(false, () => pause(EVERY_MS)));
    const { us } = await cpuOf(() => say(true, () => pause(EVERY_MS)));
    for (const emit of emitters)
      emit({ type: 'ended', end: { outcome: 'done', result: 'done', denials: [] } });
    const { status } = await run;
    await manager.dispose();
    const counts = await seen();
    await server.close();
    rmSync(folder, { recursive: true });
    if (status !== 'completed') throw new Error(`the group is ${status}`);
    const short = counts.find(count => count !== 2 * messages);
    if (short !== undefined) throw new Error(`a watcher has seen ${short} of ${2 * messages} messages`);
    const timersUs = timers.us / messages;
    return { us: us / messages - timersUs, timersUs, peakMb: peakMb() };
  },
  rows: [
    {
      ...{
        name: 'server, 1,000 sessions: CPU per event without a watcher',
        binding: true,
        unit: 'us',
        atMost: 40,
      },
      value: of => of('no watcher').us,
    },
    ...WATCHERS.slice(1).map(watchers => ({
      ...{ name: `what each of ${watchers} watchers adds`, binding: true, unit: 'us', atMost: 5 },
      value: of => (of(nameOf(watchers)).us - of('no watcher').us) / watchers,
    })),
    {
      ...{ name: 'what each beyond the fourth adds', unit: 'us', atMost: 5 },
      value: of => (of('16 watchers').us - of('4 watchers').us) / 12,
    },
  ],
};
