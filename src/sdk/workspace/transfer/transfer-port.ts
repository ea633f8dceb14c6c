import type { ObjectId } from '../orders.ts';
import type { Site } from '../site.ts';

/** What the refs of one session stand at, by full ref: its branch, and what is kept of it. */
export type SessionRefs = Readonly<Record<string, ObjectId>>;

/**
 * A session's work on its way between the repositories of two machines: commits as packs, refs as data.
 *
 * TRANSFER-1 a commit is in a repository with all that it consists of, or is lacking. A pack has what its receiver lacks,
 *    if that has what it says.
 * TRANSFER-2 taking a pack or refs again changes nothing. A ref that another has moved meanwhile is `workspace_moved`.
 */
export interface TransferPort {
  /** A bare repository of ours for the sessions of one that is on another machine; made if it is missing. Returns its folder. */
  place(
    site: Omit<Site, 'project'>,
    of: { readonly repository: string; readonly format: 'sha1' | 'sha256' },
  ): Promise<string>;
  /** Those that are not there. */
  lacking(site: Site, commits: readonly ObjectId[]): Promise<ObjectId[]>;
  /** What its refs stand at, the latest first, at most 200. */
  tips(site: Site): Promise<ObjectId[]>;
  /** @param without what its receiver has; what is not there is left out of account. @throws workspace_failed above 256 MiB */
  pack(site: Site, commits: readonly ObjectId[], without: readonly ObjectId[]): Promise<Uint8Array>;
  unpack(site: Site, pack: Uint8Array): Promise<void>;
  refs(site: Site, group: string, session: string): Promise<SessionRefs>;
  /** Moves those that differ; `to` has none of the others, which go. */
  moveRefs(site: Site, from: SessionRefs, to: SessionRefs): Promise<void>;
}
