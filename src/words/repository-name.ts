/** What a delivery says of a repository. */
interface Named {
  /** Its identity: the folder of its git data. */
  readonly repository: string;
  /** The project of one of its sessions. */
  readonly project: string;
}

/**
 * What a repository is called among others: the name of its folder, or the folder itself where two have the same name. Raw:
 * not sanitized.
 */
export function repositoryName(of: Named, all: readonly Named[]): string {
  const folder = folderOf(of);
  const name = lastOf(folder);
  const isAlone = all.every(other => folderOf(other) === folder || lastOf(folderOf(other)) !== name);
  return isAlone ? name : folder;
}

/** Of what is cloned, which has no folder of the user's around it, the project. */
function folderOf({ repository, project }: Named): string {
  const folder = repository.replace(/[\\/]\.git$/, '');
  return folder === repository ? project : folder;
}

const lastOf = (path: string): string =>
  path
    .replace(/[\\/]+$/, '')
    .split(/[\\/]/)
    .at(-1) || path;
