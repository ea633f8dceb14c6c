// Saves groups of one session that have not run: node bench/lib/small-groups.mjs FOLDER NUMBER
// or one group that has: node bench/lib/small-groups.mjs FOLDER 1 SESSIONS; prints its id. In a process of its own, so
// that nothing of it is warm in the process that measures.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFileStore, GroupManager, memoryProjectGate } from './product.mjs';

const [folder, number, finished] = process.argv.slice(2);
const store = createFileStore({ dataDir: folder });
const manager = new GroupManager({ store, projects: memoryProjectGate(), env: {} });
const project = mkdtempSync(join(tmpdir(), 'bench-'));
for (let group = 0; group < Number(number); group++) {
  const created = await manager.create({
    ...{ version: 1, name: `Bench ${group}` },
    config: {
      agent: { kind: 'scripted', steps: [{ text: 'working' }, { cost: 0.01 }, { result: 'done' }] },
      sessionDefaults: { generateClaudeMd: false },
      concurrency: { maxConcurrent: 50, maxPerProject: 50 },
      budget: { maxBudgetUsd: 'none' },
    },
    sessions: Array.from({ length: Number(finished ?? 1) }, (_, index) => ({
      ...{ id: `s${index}`, projectPath: project, prompt: 'Work' },
      dependsOn: index % 10 === 0 ? [] : [`s${index - 1}`],
    })),
  });
  if (finished) await created.run();
  await created.dispose();
  if (finished) process.stdout.write(`${created.id}\n`);
}
await manager.dispose();
