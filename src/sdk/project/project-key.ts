import { existsSync, realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/**
 * What two sessions share if they would disturb each other: the working tree, that is, the nearest folder upwards with
 * a `.git` entry (a file in a linked worktree, which counts as its own tree), else the folder itself. Links are
 * resolved, so that links to one tree are one project.
 */
export function projectKey(path: string): string {
  const start = realPath(path);
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, '.git'))) return folder;
    if (folder === dirname(folder)) return start;
  }
}

/** Whether the folder lies in a git working tree, judging by `.git` entries. */
export const hasWorkingTree = (path: string): boolean => existsSync(join(projectKey(path), '.git'));

/** The folder and its parents up to the top of its git tree. Outside a git tree: only the folder. */
export function foldersUpToGitTop(folder: string): readonly string[] {
  const project = projectKey(folder);
  const folders: string[] = [];
  for (let place = folder; projectKey(place) === project; place = dirname(place)) {
    folders.push(place);
    if (place === dirname(place)) break;
  }
  return folders;
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}
