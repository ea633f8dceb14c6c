import { type Clock, systemClock } from '../clock.ts';
import { fileProjectGate } from '../project/file-project-gate.ts';
import type { ProjectGate } from '../project/project-gate.ts';
import { workDir } from '../user-folders.ts';
import type { WorkspacePort } from '../workspace/port.ts';
import { createWorkspaces, type WorkspacesOptions } from '../workspace/workspaces.ts';

let projects: ProjectGate | undefined;

/** One gate for all groups of this process and, through its files, for all processes of this user. */
export function machineProjects(): ProjectGate {
  projects ??= fileProjectGate({ clock: systemClock });
  return projects;
}

/** Trees in this machine's repositories, in the user's folder of workspaces. */
const machineWorkspaces = (clock: Clock, env: WorkspacesOptions['env']): WorkspacePort =>
  createWorkspaces({ clock, env, workDir: workDir(env), gate: machineProjects() });

/** A host's, or this machine's. */
export const workspacesOf = (
  {
    workspaces,
    env = process.env,
  }: { readonly workspaces?: WorkspacePort; readonly env?: WorkspacesOptions['env'] },
  clock: Clock,
): WorkspacePort => workspaces ?? machineWorkspaces(clock, env);
