import { dirname } from 'node:path';
import { projectKey } from '../project/project-key.ts';

/** The folder and its parents up to the top of its git tree. Without a git tree around it the folder stands alone. */
export function foldersUpToGitTop(folder: string): readonly string[] {
  const project = projectKey(folder);
  const folders: string[] = [];
  for (let place = folder; projectKey(place) === project; place = dirname(place)) {
    folders.push(place);
    if (place === dirname(place)) break;
  }
  return folders;
}
