import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/sdk/clock.ts';
import { memoryProjectGate } from '../../src/sdk/project/project-gate.ts';
import type { ReadyWorkspace } from '../../src/sdk/workspace/orders.ts';
import type { Prepared, Site, WorkspacePort, WorkspaceWish } from '../../src/sdk/workspace/port.ts';
import { createWorkspaces, type WorkspacesOptions } from '../../src/sdk/workspace/workspaces.ts';
import { type Repository, repository, repositoryAt } from './repository.ts';

/** Repositories, a folder of workspaces, and a home without any git settings, in a folder of their own. */
export interface WorkspaceBench {
  readonly folder: string;
  readonly workDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly port: WorkspacePort;
  /** An empty repository `name`. */
  repository(name?: string, ...options: string[]): Repository;
  site(project: Repository | string, signal?: AbortSignal): Site;
  /** Plans and prepares the tree of a session. */
  begin(repo: Repository | string, session: string, wish?: Partial<WorkspaceWish>): Promise<Begun>;
  close(): void;
}

export interface Begun extends Prepared {
  readonly site: Site;
  /** What an agent does in its tree. */
  readonly tree: Repository;
}

export const GROUP = '20260101-093000-demo';
/** 2026-01-01, in seconds: what orders are timed with. */
export const TIME = Date.UTC(2026, 0, 1) / 1_000;

export function workspaceBench(options: Partial<WorkspacesOptions> = {}): WorkspaceBench {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'workspaces-')));
  const env = { PATH: process.env.PATH, HOME: join(folder, 'home') };
  mkdirSync(env.HOME);
  const workDir = join(folder, 'work');
  const port = createWorkspaces({ clock: systemClock, env, workDir, gate: memoryProjectGate(), ...options });
  const site = (project: Repository | string, signal = new AbortController().signal): Site => ({
    project: typeof project === 'string' ? project : project.path,
    processes: `${GROUP}:test:1`,
    signal,
  });
  return {
    folder,
    workDir,
    env,
    port,
    repository: (name = 'repo', ...options) => repository(join(folder, name), ...options),
    site,
    async begin(repo, session, wish = {}) {
      const place = site(repo);
      const order = await port.planWorkspace(place, {
        mode: 'worktree',
        group: GROUP,
        session,
        time: TIME,
        ...wish,
      });
      const prepared = await port.prepare(place, order);
      return { ...prepared, site: place, tree: treeAt(join(workDir, order.folder)) };
    },
    close: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }),
  };
}

/** What an agent does in its tree, with an identity. */
const treeAt = (path: string): Repository =>
  repositoryAt(path, '-c', 'user.name=Agent', '-c', 'user.email=agent@example.com');

/** Saves a session's work and takes it as its result. */
export async function finish(
  port: WorkspacePort,
  site: Site,
  ready: ReadyWorkspace,
  time = TIME + 60,
): Promise<string> {
  const { order } = await port.planResult(site, ready, { attempts: 1, time });
  await port.takeResult(site, ready, order);
  return order.commit;
}
