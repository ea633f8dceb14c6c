import { createHash } from 'node:crypto';

/**
 * The names that belong to groups, in repositories and in the folder of workspaces. Each is a function of the ids alone.
 * Session ids that differ have different names, on a file system that ignores case too.
 */

/** Session ids cannot begin with `_`. */
const MERGED = '_merged';

const BRANCHES = 'refs/heads/session-groups';
const HIDDEN = 'refs/session-groups';
/** Where trees are kept that were given up, of all groups. */
export const ARCHIVE = `${HIDDEN}/archive`;

/** A branch by the name that git shows it by. */
export const shortName = (ref: string): string => ref.replace(/^refs\/heads\//, '');

/** Full ref of a session's branch. */
export const branchOf = (group: string, session: string): string =>
  `${BRANCHES}/${encoded(group)}/${encoded(session)}`;

/** Full ref of the branch on which a group's results are merged. */
export const mergedBranch = (group: string): string => `${BRANCHES}/${encoded(group)}/${MERGED}`;

/** Full ref of a session's last checkpoint. */
export const checkpointRef = (group: string, session: string): string =>
  `${HIDDEN}/${encoded(group)}/${encoded(session)}/checkpoint`;

/** Full ref that keeps what a session's branch stood at before its agent rewrote it. */
export const replacedRef = (group: string, session: string, commit: string): string =>
  `${HIDDEN}/${encoded(group)}/${encoded(session)}/replaced/${commit}`;

/** Full ref under which a tree is kept that was given up at that time. */
export const archiveRef = (group: string, session: string, time: number, commit: string): string =>
  `${ARCHIVE}/${encoded(group)}/${encoded(session)}/${time}-${commit.slice(0, 8)}`;

/** Prefixes of all refs of a group, without archived ones. */
export const refsOf = (group: string): readonly string[] => [
  `${BRANCHES}/${encoded(group)}/`,
  `${HIDDEN}/${encoded(group)}/`,
];

/** What the refs of a session's work are, or begin with if it ends with `/`: its branch, and what is kept of it. */
export const refsOfSession = (group: string, session: string): readonly string[] => [
  branchOf(group, session),
  `${HIDDEN}/${encoded(group)}/${encoded(session)}/`,
  `${ARCHIVE}/${encoded(group)}/${encoded(session)}/`,
];

/** The folder of a session's tree, relative to the folder of workspaces. */
export const folderOf = (group: string, session: string): string =>
  `${encoded(group)}/${TREE}${encoded(session)}-${digest(`${group}\n${session}`, 6)}`;

const TREE = 'sgw-';
/** Whether a folder in that of a group has a session's tree. @param name the last part of its path */
export const isTreeFolder = (name: string): boolean => name.startsWith(TREE);

/** Why a registration is locked: it says whose the tree is. */
export const lockReason = (group: string, session: string): string => `session-groups ${group}/${session}`;

const PLAIN = /^[a-z0-9](?:[a-z0-9_-]|\.(?=[a-z0-9_-])){0,79}$/;
const LIKE_ENCODED = /-[0-9a-f]{8}$/;
/** Git refuses it at the end of a ref; `archive` is a place of its own. */
const TAKEN = /\.lock$|^archive$/;
const LONGEST_READABLE = 48;

/** An id as part of a ref and a file name. */
function encoded(id: string): string {
  if (PLAIN.test(id) && !LIKE_ENCODED.test(id) && !TAKEN.test(id)) return id;
  const readable = id
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replace(/^-/, '')
    .slice(0, LONGEST_READABLE);
  return `${readable.replace(/-$/, '')}-${digest(id, 8)}`.replace(/^-/, 'x-');
}

/** The beginning of a text's SHA-256 in hex. */
export const digest = (text: string, length: number): string =>
  createHash('sha256').update(text).digest('hex').slice(0, length);
