import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FORMAT } from '../../../src/sdk/group/journal/format.ts';
import { GroupManager } from '../../../src/sdk/group/manager.ts';
import { QuotaGate } from '../../../src/sdk/group/schedule/quota-gate.ts';
import type { SessionGroupInput } from '../../../src/sdk/group/types.ts';
import { memoryProjectGate } from '../../../src/sdk/project/project-gate.ts';
import { createScriptedAgent } from '../../../src/sdk/session/scripted/scripted.ts';
import { SimulatedClock } from '../../../src/sdk/simulated-clock.ts';
import { fileStore } from '../../../src/store/file-store.ts';
import { thisMachine } from '../../../src/store/machine.ts';
import { MemoryDisk } from '../../support/memory-disk.ts';
import { Random } from '../random.ts';
import { life } from './life.ts';
import { grown, held } from './measure.ts';

const MINUTE = 60_000;
const DATA = '/soak';

/** Many days of simulated time through one manager, over the file store on a simulated disk: a group every ten minutes. */
export async function simulatedSoak(days: number, seed: number): Promise<readonly string[]> {
  const clock = new SimulatedClock();
  const disk = new MemoryDisk();
  const random = new Random(seed);
  const manager = new GroupManager({
    store: fileStore({ disk, machine: thisMachine, format: FORMAT }, { dataDir: DATA, clock }),
    clock,
    agents: { scripted: createScriptedAgent(clock) },
    projects: memoryProjectGate(),
    quota: new QuotaGate(clock, () => 0),
    env: {},
    maxConcurrentSessions: 12,
  });
  const project = mkdtempSync(join(tmpdir(), 'soak-'));
  const wrong: string[] = [];
  const ends = new Map<string, number>();
  const open = new Set<Promise<void>>();
  const from = clock.now();
  const until = from + days * 24 * 60 * MINUTE;
  let started = 0;
  const startOne = (): void => {
    const of = random.of('group', started);
    started += 1;
    const one = life(manager, clock, of.of('life'), groupOf(of, project), 3 * 60 * MINUTE)
      .then(
        end => void ends.set(end, (ends.get(end) ?? 0) + 1),
        error => void wrong.push(`group ${started}: ${error instanceof Error ? error.stack : error}`),
      )
      .finally(() => open.delete(one));
    open.add(one);
    if (clock.now() < until) clock.setTimeout(startOne, 10 * MINUTE);
  };
  startOne();
  // The first tenth warms up: what it has loaded and compiled stays.
  await passUntil(clock, from + (until - from) / 10);
  const before = await held();
  await passUntil(clock, until);
  for (let idle = 0; open.size > 0 && idle < 100; idle = clock.pending > 0 ? 0 : idle + 1) {
    await passUntil(clock, clock.now() + MINUTE);
  }
  if (open.size > 0) wrong.push(`${open.size} groups never end`);
  await manager.dispose();
  const after = await held();
  wrong.push(...grown(before, after, 20));
  if (clock.pending > 0) wrong.push(`${clock.pending} simulated timers are left`);
  const left = disk.exists(`${DATA}/groups`) ? disk.list(`${DATA}/groups`).map(({ name }) => name) : [];
  if (left.some(name => !name.startsWith('.'))) wrong.push(`left on disk: ${left.join(', ')}`);
  process.stdout.write(
    `${days} simulated days: ${started} groups (${[...ends].map(([end, count]) => `${count} ${end}`).join(', ')}); heap ${before.heapMb} MB, then ${after.heapMb} MB\n`,
  );
  return wrong;
}

async function passUntil(clock: SimulatedClock, time: number): Promise<void> {
  while (clock.now() < time) {
    // What follows without time passing.
    await new Promise(resolve => {
      setImmediate(resolve);
    });
    if ((clock.nextAt ?? Number.POSITIVE_INFINITY) > time) clock.advance(time - clock.now());
    else clock.step();
  }
}

function groupOf(random: Random, projectPath: string): SessionGroupInput {
  const sessions = Array.from({ length: random.int(1, 8) }, (_, index) => ({
    id: `s${index}`,
    projectPath,
    prompt: 'go',
    allowFailure: random.chance(0.2),
    dependsOn: index > 0 && random.chance(0.5) ? [`s${random.int(0, index - 1)}`] : [],
    agent: {
      kind: 'scripted' as const,
      steps: [
        { delay: random.int(0, 40 * MINUTE) },
        { cost: random.int(0, 3) },
        ...(random.chance(0.1) ? [{ failure: 'agent_error' as const, attempts: random.int(1, 4) }] : []),
        ...(random.chance(0.05) ? [{ limit: '30m' as const, attempts: 1 }] : []),
        { result: 'done' },
      ],
    },
  }));
  return {
    version: 1,
    name: 'Soak',
    config: {
      agent: 'scripted',
      budget: { maxBudgetUsd: random.pick([4, 20, 'none']) },
      concurrency: { maxConcurrent: random.int(1, 4), maxPerProject: 12, errorThreshold: random.int(1, 3) },
    },
    sessions: sessions as SessionGroupInput['sessions'],
  };
}
