import { type Clock, sleep } from '../../../src/sdk/clock.ts';
import { RefusedError } from '../../../src/sdk/errors.ts';
import type { GroupManager } from '../../../src/sdk/group/manager.ts';
import type { SessionGroupInput } from '../../../src/sdk/group/types.ts';
import type { Random } from '../random.ts';

const MOST_RESUMES = 10;

/**
 * The whole life of a group: it is created, run, paused or stopped in between, resumed and retried until it has settled,
 * archived and deleted.
 *
 * @param unit how long a pause waits at most.
 * @returns how it ended.
 */
export async function life(
  manager: GroupManager,
  clock: Clock,
  random: Random,
  definition: SessionGroupInput,
  unit: number,
): Promise<string> {
  const group = await manager.create(definition);
  const meddle = async (): Promise<void> => {
    await sleep(clock, random.int(1, unit));
    if (random.chance(0.5)) await group.pause().catch(unlessRefused);
    else if (random.chance(0.3)) await group.stop().catch(unlessRefused);
  };
  const meddling = meddle();
  let { status } = await group.run();
  await meddling;
  for (let round = 0; round < MOST_RESUMES; round += 1) {
    status = group.getProgress().status;
    if (status === 'paused') await group.resume({ maxBudgetUsd: 1_000_000 }).catch(unlessRefused);
    else if (status === 'failed' && round < 2) await group.retry().catch(unlessRefused);
    else break;
  }
  if (status === 'paused') ({ status } = await group.stop());
  await manager.archive(group.id);
  await manager.delete(group.id);
  return status;
}

function unlessRefused(error: unknown): void {
  if (!(error instanceof RefusedError)) throw error;
}
