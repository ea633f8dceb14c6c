import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sleep, systemClock } from '../../../src/sdk/clock.ts';
import { GroupManager } from '../../../src/sdk/group/manager.ts';
import type { SessionGroupInput } from '../../../src/sdk/group/types.ts';
import { createFileStore } from '../../../src/store/file-store.ts';
import { Random } from '../random.ts';
import { life } from './life.ts';
import { grown, held } from './measure.ts';

const AT_ONCE = 3;

/** Real processes on the real disk and clock, for so long. */
export async function realSoak(minutes: number, seed: number): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'soak-'));
  const manager = new GroupManager({ store: createFileStore({ dataDir: join(folder, 'data') }) });
  const wrong: string[] = [];
  let groups = 0;
  const phase = async (until: number): Promise<void> => {
    const lane = async (name: number): Promise<void> => {
      while (Date.now() < until && wrong.length === 0) {
        const random = new Random(seed).of(name, groups);
        groups += 1;
        try {
          await life(manager, systemClock, random.of('life'), groupOf(random, join(folder, `${name}`)), 400);
        } catch (error) {
          wrong.push(error instanceof Error ? `${error.stack}` : String(error));
        }
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, (_, name) => lane(name)));
  };
  const all = minutes * 60_000;
  const from = Date.now();
  await phase(from + all / 10);
  const before = await held();
  await phase(from + all);
  // A look at the trees of attempts may be due.
  let after = await held();
  for (let tries = 0; tries < 10 && grown(before, after, 20).length > 0; tries += 1) {
    await sleep(systemClock, 1_000);
    after = await held();
  }
  wrong.push(...grown(before, after, 20));
  await manager.dispose();
  rmSync(folder, { recursive: true, force: true });
  process.stdout.write(
    `${minutes} minutes of real processes: ${groups} groups; before ${JSON.stringify(before)}, after ${JSON.stringify(after)}\n`,
  );
  return wrong;
}

/** Commands that succeed, fail, ignore an interrupt or leave a child. */
function groupOf(random: Random, folder: string): SessionGroupInput {
  const sessions = Array.from({ length: random.int(1, 4) }, (_, index) => {
    const projectPath = join(folder, `p${index}`);
    mkdirSync(projectPath, { recursive: true });
    const script = random.pick([
      'sleep 0.05; echo done',
      'sleep 0.3; echo done',
      'exit 1',
      'sleep 60 & sleep 0.1; echo done',
      'trap "" INT; sleep 0.4; echo done',
    ]);
    return {
      id: `s${index}`,
      projectPath,
      prompt: 'go',
      agent: { kind: 'command', command: ['sh', '-c', script] },
    };
  });
  return {
    version: 1,
    name: 'Soak',
    config: { retry: { maximumAttempts: 2, initialInterval: 10 } },
    sessions: sessions as SessionGroupInput['sessions'],
  };
}
