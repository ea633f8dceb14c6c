import { type Clock, systemClock } from '../../clock.ts';
import { fileProjectGate } from '../../project/file-project-gate.ts';
import type { ProjectGate } from '../../project/project-gate.ts';
import { workDir } from '../../user-folders.ts';
import type { WorkspacePort } from '../../workspace/port.ts';
import { createWorkspaces, type WorkspacesOptions } from '../../workspace/workspaces.ts';
import { QuotaGate } from '../schedule/quota-gate.ts';

let projects: ProjectGate | undefined;

/** One gate for all groups of this process and, through its files, for all processes of this user. */
export function machineProjects(): ProjectGate {
  projects ??= fileProjectGate({ clock: systemClock });
  return projects;
}

/** Trees in this machine's repositories, in the user's folder of workspaces. */
export const machineWorkspaces = (clock: Clock, env: WorkspacesOptions['env']): WorkspacePort =>
  createWorkspaces({ clock, env, workDir: workDir(env), gate: machineProjects() });

const quotas = new WeakMap<Clock, QuotaGate>();

/** The groups of one process share what they learn about an account. */
export function quotaOf(clock: Clock): QuotaGate {
  const gate = quotas.get(clock) ?? new QuotaGate(clock);
  quotas.set(clock, gate);
  return gate;
}
