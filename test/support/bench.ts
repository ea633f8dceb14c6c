import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InspectionEvent } from 'xstate';
import { createSessionGroup } from '../../src/sdk/group/api/create.ts';
import type { SessionGroupOptions } from '../../src/sdk/group/api/options.ts';
import type { GroupEvent, GroupEventType } from '../../src/sdk/group/journal/events.ts';
import type { GroupRunner } from '../../src/sdk/group/runner.ts';
import { QuotaGate } from '../../src/sdk/group/schedule/quota-gate.ts';
import type { GroupStore } from '../../src/sdk/group/store/store.ts';
import type { SessionGroupInput } from '../../src/sdk/group/types.ts';
import { memoryProjectGate } from '../../src/sdk/project/project-gate.ts';
import type { Agent } from '../../src/sdk/session/agent.ts';
import { SimulatedClock } from '../../src/sdk/simulated-clock.ts';
import { drive as driven, flush, pass } from '../../src/sdk/testing/flush.ts';
import { WatchedAgent } from './watched-agent.ts';

export type SessionInput = Omit<SessionGroupInput['sessions'][number], 'projectPath' | 'project'> & {
  /** Number of its project; by default each session has its own. */
  readonly projectNumber?: number;
};
export type ConfigInput = NonNullable<SessionGroupInput['config']>;
export type Step = Record<string, unknown>;

let folder: string | undefined;
const made = new Set<number>();

/** Folders are shared by all groups of a test file: creating them is slower than running a group. */
export function projectPath(project: number): string {
  folder ??= mkdtempSync(join(tmpdir(), 'bench-'));
  const path = join(folder, `p${project}`);
  if (!made.has(project)) mkdirSync(join(path, '.git'), { recursive: true });
  made.add(project);
  return path;
}

/** A scripted session; without steps it is done at once. */
export function scripted(
  id: string,
  steps: readonly Step[] = [],
  more: Partial<SessionInput> = {},
): SessionInput {
  return { id, prompt: 'go', ...more, agent: { kind: 'scripted', steps: [...steps] as never } };
}

export const failing = (code = 'max_turns', attempts?: number): Step => ({
  failure: code,
  ...(attempts === undefined ? {} : { attempts }),
});
export const delay = (ms: number): Step => ({ delay: ms });

export interface BenchOptions {
  readonly config?: ConfigInput;
  readonly attended?: boolean;
  readonly inspect?: (event: InspectionEvent) => void;
  readonly agents?: Readonly<Record<string, Agent>>;
  readonly clock?: SimulatedClock;
  readonly projects?: SessionGroupOptions['projects'];
  readonly quota?: QuotaGate;
  readonly store?: GroupStore;
  readonly slug?: string;
}

export interface Bench {
  readonly clock: SimulatedClock;
  readonly agent: WatchedAgent;
  readonly quota: QuotaGate;
  readonly group: GroupRunner;
  readonly events: readonly GroupEvent[];
  of<T extends GroupEventType>(type: T): Extract<GroupEvent, { type: T }>[];
  types(): string[];
  status(id: string): string | undefined;
  /** Runs the clock until the promise settles. */
  until<T>(promise: Promise<T>): Promise<T>;
  /** Lets promises settle without advancing the clock. */
  flush(): Promise<void>;
  /** Advances the clock by this much, letting promises settle. */
  pass(ms: number): Promise<void>;
}

let groups = 0;

/** Each group has its own slug: finding a free id among two thousand with one slug takes longer than running it. */
export const ownSlug = (): string => `group-${groups++}`;

export function definitionOf(sessions: readonly SessionInput[], config: ConfigInput = {}): SessionGroupInput {
  return {
    version: 1,
    name: 'bench',
    config: { agent: 'scripted', ...config },
    sessions: sessions.map(({ projectNumber, ...session }, index) => ({
      ...session,
      projectPath: projectPath(projectNumber ?? index),
    })),
  };
}

/** A group of scripted sessions on a simulated clock. */
export async function bench(sessions: readonly SessionInput[], options: BenchOptions = {}): Promise<Bench> {
  const clock = options.clock ?? new SimulatedClock();
  const agent = new WatchedAgent(clock);
  const quota = options.quota ?? new QuotaGate(clock, () => 0);
  const definition = definitionOf(sessions, options.config);
  const group = await createSessionGroup(options.slug ? { ...definition, slug: options.slug } : definition, {
    clock,
    quota,
    projects: options.projects ?? memoryProjectGate(),
    agents: { scripted: agent, ...options.agents },
    env: {},
    ...(options.attended === undefined ? {} : { attended: options.attended }),
    ...(options.inspect ? { inspect: options.inspect } : {}),
    ...(options.store ? { store: options.store } : {}),
  });
  return benchOf(group, { clock, agent, quota });
}

export function benchOf(
  group: GroupRunner,
  { clock, agent, quota }: Pick<Bench, 'clock' | 'agent' | 'quota'>,
): Bench {
  const events: GroupEvent[] = [];
  group.events$.subscribe(event => events.push(event));
  return {
    clock,
    agent,
    quota,
    group,
    events,
    of: type =>
      events.filter((event): event is Extract<GroupEvent, { type: typeof type }> => event.type === type),
    types: () => events.map(event => event.type),
    status: id => group.getProgress().sessions.find(session => session.id === id)?.status,
    until: promise => drive(clock, promise),
    flush,
    pass: ms => pass(clock, ms),
  };
}

export { flush as flushed } from '../../src/sdk/testing/flush.ts';

/** Steps the clock until the promise settles, calling `after` each time; fails if no timer is left for that. */
export const drive = <T>(
  clock: SimulatedClock,
  promise: Promise<T>,
  after: () => void = () => {},
  stuck: () => string = () => '',
): Promise<T> =>
  driven(clock, promise, after).catch(error => {
    if (error instanceof Error && error.message.startsWith('no timer is left')) error.message += stuck();
    throw error;
  });
