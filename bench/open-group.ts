import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { GroupManager } from '../src/sdk/group/manager.ts';
import { memoryProjectGate } from '../src/sdk/project/project-gate.ts';
import { createFileStore } from '../src/store/file-store.ts';

// The time to open a finished group: node scripts/run-ts.mjs bench/open-group.ts [--sessions 10000] [--json]
const { values } = parseArgs({
  options: { sessions: { type: 'string', default: '10000' }, json: { type: 'boolean', default: false } },
});
const folder = mkdtempSync(join(tmpdir(), 'sg-open-'));
const store = createFileStore({ dataDir: folder });
const newManager = () => new GroupManager({ store, projects: memoryProjectGate() });

async function measure(name: string, run: () => Promise<unknown>): Promise<void> {
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  await run();
  const { user, system } = process.cpuUsage(cpu);
  const [wall, busy] = [performance.now() - start, (user + system) / 1_000].map(Math.round);
  const peakMb = Math.round(process.resourceUsage().maxRSS / 1_024);
  const line = JSON.stringify({ row: 'finished group', contender: name, cpuMs: busy, peakMb });
  process.stdout.write(values.json ? `${line}\n` : `${name.padEnd(30)} ${wall} ms, ${busy} ms of CPU\n`);
}

const first = newManager();
const group = await first.create({
  version: 1,
  name: 'Large',
  config: {
    agent: { kind: 'scripted', steps: [{ text: 'working' }, { cost: 0.01 }, { result: 'done' }] },
    concurrency: { maxConcurrent: 50, maxPerProject: 50 },
    budget: { maxBudgetUsd: 'none' },
  },
  sessions: Array.from({ length: Number(values.sessions) }, (_, index) => ({
    id: `s${index}`,
    projectPath: folder,
    prompt: 'Work',
    ...(index % 10 === 0 ? {} : { dependsOn: [`s${index - 1}`] }),
  })),
});
await measure('running it', () => group.run());
await first.dispose();
for (const time of ['first', 'second', 'third']) {
  const manager = newManager();
  await measure(`opening it, the ${time} time`, () => manager.open(group.id));
  await manager.dispose();
}
const last = newManager();
await measure('reading it', () => store.read(group.id));
await measure('its status, unopened', () => last.getGroupStatus(group.id));
await measure('a list', () => last.list());
const { dir = '' } = await store.read(group.id);
const sizes = ['journal.ndjson', 'snapshot.json', 'definition.json'].map(
  file => `${file} ${(statSync(join(dir, file)).size / 1e6).toFixed(1)} MB`,
);
if (!values.json) process.stdout.write(`${sizes.join(', ')}\n`);
rmSync(join(dir, 'snapshot.json'));
const without = newManager();
await measure('opening it without a snapshot', () => without.open(group.id));
await without.dispose();
await measure('deleting it', () => last.delete(group.id));
await last.dispose();
rmSync(folder, { recursive: true });
