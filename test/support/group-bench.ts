import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/sdk/clock.ts';
import { createSessionGroup } from '../../src/sdk/group/api/create.ts';
import type { SessionGroupOptions } from '../../src/sdk/group/api/options.ts';
import type { GroupEvent, GroupEventType } from '../../src/sdk/group/journal/events.ts';
import type { GroupRunner } from '../../src/sdk/group/runner.ts';
import { createMemoryStore } from '../../src/sdk/group/store/memory-store.ts';
import type { SessionGroupInput } from '../../src/sdk/group/types.ts';
import { findMarked } from '../../src/sdk/process/process.ts';
import { fileProjectGate } from '../../src/sdk/project/file-project-gate.ts';
import { claudeExecutable } from './claude-bench.ts';
import { environment } from './messages-api/environment.ts';
import { type MessagesApi, startMessagesApi } from './messages-api/server.ts';

export interface GroupBench {
  readonly api: MessagesApi;
  readonly folder: string;
  readonly env: Record<string, string>;
  readonly options: SessionGroupOptions & { readonly store: NonNullable<SessionGroupOptions['store']> };
  /** A new git repository with one commit. */
  repository(name: string): string;
  /** The group, run with the real client against the stand-in. */
  create(definition: Omit<SessionGroupInput, 'version'>, options?: SessionGroupOptions): Promise<Watched>;
  close(): Promise<void>;
}

export interface Watched {
  readonly group: GroupRunner;
  readonly events: GroupEvent[];
  all<T extends GroupEventType>(type: T): Extract<GroupEvent, { type: T }>[];
  first<T extends GroupEventType>(
    type: T,
    test?: (event: Extract<GroupEvent, { type: T }>) => boolean,
  ): Promise<Extract<GroupEvent, { type: T }>>;
}

/** Everything is real except the model: git repositories, client, processes, files. */
export async function groupBench(options: Parameters<typeof environment>[2] = {}): Promise<GroupBench> {
  const api = await startMessagesApi();
  const folder = mkdtempSync(join(tmpdir(), 'group-bench-'));
  const env = environment(api, folder, options);
  const groups: GroupRunner[] = [];
  const shared: GroupBench['options'] = {
    store: createMemoryStore(),
    env,
    projects: fileProjectGate({ clock: systemClock, dir: join(folder, 'places') }),
  };
  return {
    api,
    folder,
    env,
    options: shared,
    repository(name) {
      const path = join(folder, name);
      mkdirSync(path);
      const git = (...args: string[]) => execFileSync('git', ['-C', path, ...args], { stdio: 'pipe' });
      git('init', '-q');
      git(
        '-c',
        'user.name=t',
        '-c',
        'user.email=t@example.com',
        'commit',
        '-q',
        '--allow-empty',
        '-m',
        'start',
      );
      return path;
    },
    async create(definition, own = {}) {
      const agent = { kind: 'claude' as const, executable: claudeExecutable() };
      const config = { agent, model: 'sonnet', ...definition.config };
      const group = await createSessionGroup({ ...definition, version: 1, config }, { ...shared, ...own });
      groups.push(group);
      return watchGroup(group);
    },
    async close() {
      for (const group of groups) await group.dispose();
      await api.close();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

export function watchGroup(group: GroupRunner): Watched {
  const events: GroupEvent[] = [];
  group.events$.subscribe(event => events.push(event));
  const is =
    <T extends GroupEventType>(type: T) =>
    (event: GroupEvent): event is Extract<GroupEvent, { type: T }> =>
      event.type === type;
  return {
    group,
    events,
    all: type => events.filter(is(type)),
    first: (type, test = () => true) =>
      new Promise((resolve, reject) => {
        const subscription = group.journal$().subscribe({
          next: event => {
            if (!is(type)(event) || !test(event)) return;
            resolve(event);
            queueMicrotask(() => subscription.unsubscribe());
          },
          complete: () => reject(new Error(`the group ended without ${type}`)),
        });
      }),
  };
}

/** Live processes of the group's agents, descendants included. */
export const agentProcesses = (groupId: string): number[] =>
  findMarked(marker => marker.startsWith(`${groupId}:`));
