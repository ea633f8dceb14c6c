import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { serveGroup } from '../src/control/serve-group.ts';
import { connectControl } from '../src/control/wire/client.ts';
import { createSessionGroup } from '../src/sdk/group/api/create.ts';
import { memoryProjectGate } from '../src/sdk/project/project-gate.ts';
import { createFileStore } from '../src/store/file-store.ts';

// What 50 watchers in another process, ten of which never read, cost a running group:
// node scripts/run-ts.mjs bench/watchers.ts [--sessions 30] [--texts 100]
const { values } = parseArgs({
  options: {
    sessions: { type: 'string', default: '30' },
    texts: { type: 'string', default: '100' },
    watch: { type: 'string' },
  },
});

/** Runs in the other process: prints how many events each reading watcher has seen. */
async function watch(address: string): Promise<void> {
  for (let deaf = 0; deaf < 10; deaf++) {
    const socket = createConnection(address);
    socket.on('error', () => {}).pause();
    socket.write('{"v":1,"id":1,"method":"watch"}\n');
  }
  const clients = await Promise.all(Array.from({ length: 40 }, () => connectControl(address)));
  process.stdout.write('ready\n');
  const counts = await Promise.all(
    clients.map(async client => {
      let count = 0;
      for await (const { seq } of client.watch()) {
        if (seq !== count) throw new Error(`got seq ${seq}, expected ${count}`);
        count += 1;
      }
      return count;
    }),
  );
  process.stdout.write(`${JSON.stringify(counts)}\n`);
  process.exit();
}

async function run(watched: boolean): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'sg-watchers-'));
  const steps = Array.from({ length: Number(values.texts) }, (_, n) => [
    { delay: 10 },
    { text: `${n} `.padEnd(300, '.') },
  ]).flat();
  const group = await createSessionGroup(
    {
      version: 1,
      name: 'Watched',
      config: {
        agent: { kind: 'scripted', steps: [...steps, { result: 'done' }] },
        concurrency: { maxConcurrent: 10, maxPerProject: 10 },
        sessionDefaults: { generateClaudeMd: false },
      },
      sessions: Array.from({ length: Number(values.sessions) }, (_, n) => ({
        ...{ id: `s${n}`, projectPath: folder, prompt: 'Talk' },
      })),
    },
    { store: createFileStore({ dataDir: folder }), projects: memoryProjectGate() },
  );
  await serveGroup(group).serve();
  const { address } = JSON.parse(readFileSync(join(group.dir ?? '', 'owner.json'), 'utf8'));
  let told = '';
  const watchers = watched
    ? spawn(process.execPath, [process.argv[1] ?? '', '--watch', address], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
    : undefined;
  const left = new Promise(resolve => watchers?.once('close', resolve) ?? resolve(undefined));
  await new Promise<void>(resolve => {
    if (!watchers) return resolve();
    watchers.stdout.setEncoding('utf8').on('data', text => {
      told += text;
      resolve();
    });
  });
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  const { status } = await group.run();
  const wall = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  await left;
  const all = performance.now() - start;
  const counts = new Set(told === '' ? [] : JSON.parse(told.split('\n')[1] ?? '[]'));
  process.stdout.write(
    `${watched ? 'with 50 watchers' : 'with none'}: ${status} in ${Math.round(wall)} ms, ${Math.round((user + system) / 1_000)} ms of CPU` +
      `${watched ? `; all had seen ${[...counts].join(', ')} events after ${Math.round(all)} ms` : ''}, ${Math.round(process.memoryUsage().rss / 1e6)} MB\n`,
  );
  await group.dispose();
  rmSync(folder, { recursive: true });
}

if (values.watch !== undefined) await watch(values.watch);
else for (const watched of [false, true, false, true]) await run(watched);
