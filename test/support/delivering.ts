import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/sdk/clock.ts';
import { createSessionGroup } from '../../src/sdk/group/api/create.ts';
import type { SessionGroupOptions } from '../../src/sdk/group/api/options.ts';
import type { GroupRunner } from '../../src/sdk/group/runner.ts';
import type { GroupStore, StoredGroup } from '../../src/sdk/group/store/store.ts';
import type { SessionGroupInput } from '../../src/sdk/group/types.ts';
import { memoryProjectGate } from '../../src/sdk/project/project-gate.ts';
import type { WorkspacePort } from '../../src/sdk/workspace/port.ts';
import { createWorkspaces } from '../../src/sdk/workspace/workspaces.ts';
import { createFileStore } from '../../src/store/file-store.ts';
import { type Repository, repository } from './repository.ts';

/** A folder with a repository, a store and a folder of workspaces, for groups of scripts that write and commit. */
export interface Yard {
  readonly folder: string;
  readonly repo: Repository;
  /** The environment of command lines and of git. */
  readonly env: Readonly<Record<string, string>>;
  readonly store: GroupStore;
  readonly workspaces: WorkspacePort;
  another(name: string): Repository;
  /** A session whose agent is a shell script. */
  script(id: string, text: string, more?: Partial<Session>): Session;
  /** Creates a group, and starts nothing. @param agents besides those that there are. */
  group(
    sessions: readonly Session[],
    config: SessionGroupInput['config'],
    agents?: SessionGroupOptions['agents'],
  ): Promise<GroupRunner>;
  /** Runs a group to its rest, and lets go of it. */
  ran(sessions: readonly Session[], config: SessionGroupInput['config']): Promise<StoredGroup>;
  close(): Promise<void>;
}

type Session = SessionGroupInput['sessions'][number];

export function openYard(): Yard {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'yard-')));
  mkdirSync(join(folder, 'home'));
  const another = (name: string) => {
    const made = repository(join(folder, name));
    made.write('README.md', 'the project\n');
    made.commit('first');
    return made;
  };
  const repo = another('repo');
  const dataDir = join(folder, 'data');
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: join(folder, 'home'),
    SESSION_GROUPS_DATA_DIR: dataDir,
    SESSION_GROUPS_WORK_DIR: join(folder, 'work'),
  };
  const store = createFileStore({ dataDir });
  const workspaces = createWorkspaces({
    ...{ clock: systemClock, env, gate: memoryProjectGate() },
    workDir: env.SESSION_GROUPS_WORK_DIR,
  });
  const open: GroupRunner[] = [];
  const group: Yard['group'] = async (sessions, config, agents = {}) => {
    const definition = { version: 1 as const, name: 'Deliver', config, sessions: [...sessions] };
    const parts = { env, store, workspaces, agents, projects: memoryProjectGate() };
    const handle = await createSessionGroup(definition, parts);
    open.push(handle);
    return handle;
  };
  return {
    ...{ folder, repo, env, store, workspaces, another, group },
    script: (id, text, more = {}) => ({
      ...{ id, projectPath: repo.path, prompt: 'go' },
      agent: { kind: 'command', command: ['sh', '-c', text] },
      ...more,
    }),
    async ran(sessions, config) {
      const handle = await group(sessions, config);
      await handle.run();
      await handle.dispose();
      return store.read(handle.id);
    },
    async close() {
      for (const handle of open) await handle.dispose();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
