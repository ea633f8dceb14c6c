import type { Site, WorkspacePort } from '../../workspace/port.ts';
import type { SessionDefinition } from '../types.ts';

/**
 * The repository of a session's project on this machine; one that is cloned is ours.
 * @param again whether that is fetched even if it has been before. Default: false
 */
export async function siteOfProject(
  { projectPath = '', project }: Pick<SessionDefinition, 'projectPath' | 'project'>,
  workspaces: Pick<WorkspacePort, 'cache'>,
  at: Omit<Site, 'project'>,
  again = false,
): Promise<Site> {
  return { ...at, project: project ? await workspaces.cache(at, project.git, { again }) : projectPath };
}
