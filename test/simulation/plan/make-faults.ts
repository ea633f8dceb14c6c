import type { Random } from '../random.ts';
import type { Heir, PlannedFault } from './plan.ts';

const OPERATIONS = ['open', 'write', 'fsync', 'ftruncate', 'rename', 'link', 'unlink', 'mkdir'] as const;
const FILES = ['journal.ndjson', 'snapshot.json', 'meta.json', 'owner', 'definition.json'] as const;

export function makeFaults(random: Random, untilMs: number, power: boolean): PlannedFault[] {
  const count = random.weigh([
    [5, 0],
    [6, 1],
    [3, 2],
    [1, 4],
  ]);
  return Array.from({ length: count }, (_, index) => makeFault(random.of(index), untilMs, power));
}

function makeFault(random: Random, untilMs: number, power: boolean): PlannedFault {
  const begins = random.of('begins');
  const at = random.chance(0.6) ? random.int(0, 8_000) : random.int(0, untilMs);
  const reaper = random.chance(0.6) ? { reaperMs: random.pick([0, 300, 1_900]) } : {};
  if (power && random.chance(0.3)) {
    return { kind: 'power cut', at, ...(random.chance(0.5) ? { torn: random.pick([0.2, 0.9, 1]) } : {}) };
  }
  return random.weigh<PlannedFault>([
    [3, { kind: 'crash', at, process: 'owner', ...reaper }],
    [
      6,
      {
        kind: 'crash at the disk',
        operation: random.chance(0.7) ? 'any' : random.pick(OPERATIONS),
        file: random.chance(0.5) ? 'journal.ndjson' : random.chance(0.5) ? 'any' : random.pick(FILES),
        nth: random.chance(0.5) ? random.int(1, 30) : random.int(1, 200),
        moment: random.pick(['before', 'after', 'torn']),
        ...reaper,
      },
    ],
    [
      3,
      {
        kind: 'disk fails',
        at,
        forMs: random.pick([0, 1_000, 60_000, 3_600_000]),
        code: random.pick(['ENOSPC', 'EIO', 'EROFS']),
        operations: random.chance(0.5) ? ['write'] : random.chance(0.5) ? ['fsync'] : [...OPERATIONS],
        file: random.chance(0.5) ? 'journal.ndjson' : 'any',
        ...(random.chance(0.3) ? { short: random.int(1, 40) } : {}),
        ...(begins.chance(0.5) ? { nth: begins.int(1, 60) } : {}),
      },
    ],
    [1, { kind: 'disk is slow', at, forMs: random.pick([1_000, 60_000]), by: random.pick([1, 50, 3_000]) }],
    [
      2,
      {
        kind: 'clock jumps',
        at,
        by: random.pick([-86_400_000, -3_600_000, -1, 1_000, 3_600_000, 86_400_000]),
      },
    ],
    [2, { kind: 'freeze', at, forMs: random.pick([100, 5_000, 20_000, 3_600_000]) }],
    [1, { kind: 'sockets are lost', at }],
  ]);
}

/** Who deletes a group dies in it, or cannot do all of it. */
export function makeDeletionFaults(random: Random): PlannedFault[] {
  const file = '.removing';
  const crash = (operation: string): PlannedFault => ({
    ...{ kind: 'crash at the disk', operation, file, nth: 1 },
    moment: random.pick(['before', 'after', 'torn']),
    ...(random.chance(0.6) ? { reaperMs: 300 } : {}),
  });
  return random.weigh<PlannedFault[]>([
    [6, []],
    [2, [crash('rename')]],
    [2, [crash('unlink')]],
    [
      1,
      [{ kind: 'disk fails', at: 0, forMs: 3_600_000, code: 'EIO', operations: ['unlink', 'rename'], file }],
    ],
  ]);
}

export function makeHeirs(random: Random): Heir[] {
  return Array.from({ length: 6 }, (_, index) => makeHeir(random.of(index)));
}

function makeHeir(random: Random): Heir {
  return {
    afterMs: random.pick([0, 0, 100, 2_500, 60_000]),
    via: random.chance(0.7) ? 'handle' : 'http',
    verb: random.pick(['resume', 'resume', 'resume', 'resume', 'pause', 'stop', 'retry', 'run']),
    ...(random.chance(0.3) ? { rivalAt: random.int(1, 12) } : {}),
    ...(random.chance(0.2) ? { pidIsReused: true } : {}),
    ...(random.chance(0.3) ? { leavesAfterMs: random.pick([0, 500, 10_000]) } : {}),
  };
}
