import { existsSync, realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/**
 * What two sessions share when they would disturb each other: the working tree, that is the nearest folder
 * upwards with a `.git` entry (a file in a linked worktree, which is a tree of its own), else the folder
 * itself. By its real path, so that links to one tree are one project.
 */
export function projectKey(path: string): string {
  const start = realPath(path);
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, '.git'))) return folder;
    if (folder === dirname(folder)) return start;
  }
}

/** Whether the folder lies in a working tree of git, as far as its entries tell. */
export const hasWorkingTree = (path: string): boolean => existsSync(join(projectKey(path), '.git'));

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

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}
