import { setTimeout as later } from 'node:timers/promises';
import type { GroupResult, GroupRunner } from '../../src/index.ts';
import type { Library } from './last-release.ts';

/** How a saved group is continued. */
export interface Way {
  readonly verb: 'run' | 'resume' | 'retry';
  /** For `resume`. */
  readonly maxBudgetUsd?: number;
  /** The session that is released first. */
  readonly letGo?: string;
  /** Whether the file that its programs look for exists by now. */
  readonly mended?: boolean;
}

/** The state of a group, without what differs from run to run. */
export interface Outcome {
  readonly status: string;
  readonly reason?: string;
  readonly totalCostUsd: number;
  readonly sessions: Readonly<
    Record<
      string,
      {
        readonly status: string;
        readonly reason?: string;
        readonly error?: string;
        readonly costUsd: number;
        readonly attempts: number;
      }
    >
  >;
}

export interface Followed {
  /** The state of the group after it was opened. */
  readonly opened: Outcome;
  readonly leadsTo: Outcome | { readonly refused: string };
}

export interface Followable {
  readonly id: string;
  readonly dataDir: string;
  /** Its sessions are programs, which take real time; scripted ones take none. */
  readonly programs: boolean;
}

/** Opens a saved group and continues it in this way. Requested permissions are given. */
export async function follow(library: Library, where: Followable, way: Way): Promise<Followed> {
  const { id, dataDir, programs } = where;
  const simulated = new library.SimulatedClock(LONG_AFTER);
  const clock = programs ? library.systemClock : simulated;
  const group = await library.openSessionGroup(id, {
    store: library.createFileStore({ dataDir, clock }),
    clock,
    projects: library.memoryProjectGate(),
    quota: new library.QuotaGate(clock),
    attended: true,
  });
  try {
    const opened = outcomeOf(group.getResult());
    group.events$.subscribe(event => {
      if (event.type === 'approval_requested') void group.answer(event.requestId, 'allow');
    });
    const going = go(group, way);
    if (!programs) await withTimePassing(simulated, going);
    return { opened, leadsTo: await going };
  } finally {
    await group.dispose();
  }
}

/** Everything that a saved group waits for is over by then. */
const LONG_AFTER = Date.UTC(2100, 0, 1);

async function go(group: GroupRunner, way: Way): Promise<Followed['leadsTo']> {
  const { verb, maxBudgetUsd, letGo } = way;
  try {
    if (letGo !== undefined) await group.resumeSession(letGo);
    if (verb === 'run') return outcomeOf(await group.run());
    if (verb === 'resume')
      return outcomeOf(await group.resume(maxBudgetUsd === undefined ? {} : { maxBudgetUsd }));
    return outcomeOf(await group.retry());
  } catch (error) {
    if (error instanceof Error && 'code' in error) return { refused: String(error.code) };
    throw error;
  }
}

async function withTimePassing(
  clock: InstanceType<Library['SimulatedClock']>,
  going: Promise<unknown>,
): Promise<void> {
  let over = false;
  const end = (): void => {
    over = true;
  };
  going.then(end, end);
  while (!over) {
    await later(1);
    clock.step();
  }
}

function outcomeOf({ status, reason, totalCostUsd, sessions }: GroupResult): Outcome {
  const stand = Object.entries(sessions).map(([id, { status, reason, error, costUsd, attempts }]) => [
    id,
    {
      status,
      ...(reason === undefined ? {} : { reason }),
      ...(error ? { error: error.code } : {}),
      costUsd,
      attempts,
    },
  ]);
  return {
    status,
    ...(reason === undefined ? {} : { reason }),
    totalCostUsd,
    sessions: Object.fromEntries(stand),
  };
}
