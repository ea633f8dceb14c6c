import { createHash } from 'node:crypto';
import type { ObjectId } from '../../../src/sdk/workspace/orders.ts';

/** The files of a commit or a tree: contents by path. */
export type Files = ReadonlyMap<string, string>;

export interface Commit {
  readonly files: Files;
  readonly parents: readonly ObjectId[];
  readonly text: string;
  /** Seconds since the epoch. */
  readonly time: number;
}

/** Sees what is written to a repository, in order. */
export interface RepositoryWatch {
  /** Only of a commit that is new. */
  commit(id: ObjectId, commit: Commit): void;
  /** undefined: the ref has gone. */
  ref(name: string, to: ObjectId | undefined): void;
}

class Refs extends Map<string, ObjectId> {
  watch: RepositoryWatch | undefined;

  override set(ref: string, to: ObjectId): this {
    if (this.get(ref) === to) return this;
    super.set(ref, to);
    this.watch?.ref(ref, to);
    return this;
  }

  override delete(ref: string): boolean {
    const was = super.delete(ref);
    if (was) this.watch?.ref(ref, undefined);
    return was;
  }
}

/** A repository in memory: commits by id, refs, and the user's tree. It outlives engines. */
export class SimulatedRepository {
  readonly refs = new Refs();
  readonly #commits = new Map<ObjectId, Commit>();
  /** The user's own tree, with the branch `main`. */
  readonly users = new Map<string, string>();

  constructor(files: Readonly<Record<string, string>>) {
    for (const [path, content] of Object.entries(files)) this.users.set(path, content);
    if (this.users.size === 0) return;
    this.refs.set(
      'refs/heads/main',
      this.commit({ files: new Map(this.users), parents: [], text: 'first', time: 0 }),
    );
  }

  /** The same commit has the same id. */
  commit(commit: Commit): ObjectId {
    const files = [...commit.files].sort(([one], [other]) => (one < other ? -1 : 1));
    const id = createHash('sha1')
      .update(JSON.stringify({ ...commit, files }))
      .digest('hex');
    if (this.#commits.has(id)) return id;
    this.#commits.set(id, commit);
    this.refs.watch?.commit(id, commit);
    return id;
  }

  /** Tells the watch what there is, and from then on what comes. */
  watchedBy(watch: RepositoryWatch): void {
    for (const [id, commit] of this.#commits) watch.commit(id, commit);
    for (const [name, to] of this.refs) watch.ref(name, to);
    this.refs.watch = watch;
  }

  at(id: ObjectId): Commit {
    const commit = this.#commits.get(id);
    if (!commit) throw new Error(`${id} is not a commit`);
    return commit;
  }

  contains(id: ObjectId, ancestor: ObjectId): boolean {
    return this.history(id).has(ancestor);
  }

  /** A commit and all that it comes from. */
  history(id: ObjectId): Set<ObjectId> {
    const found = new Set<ObjectId>();
    const open = [id];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (found.has(next)) continue;
      found.add(next);
      open.push(...this.at(next).parents);
    }
    return found;
  }

  /** A file that both sides have changed differently since their common ancestor is in conflict. */
  merge(ours: ObjectId, theirs: ObjectId): { readonly files: Files; readonly conflicts: readonly string[] } {
    const mine = this.history(ours);
    const common = [...this.history(theirs)].filter(id => mine.has(id));
    const [base] = common.sort((one, other) => this.history(other).size - this.history(one).size);
    const [before, left, right] = [base, ours, theirs].map(id =>
      id === undefined ? new Map() : this.at(id).files,
    );
    const files = new Map<string, string>();
    const conflicts: string[] = [];
    for (const path of new Set([...(left?.keys() ?? []), ...(right?.keys() ?? [])])) {
      const [old, one, other] = [before?.get(path), left?.get(path), right?.get(path)];
      const isConflict = one !== other && one !== old && other !== old;
      const content = isConflict
        ? `${MARKER}\n${one ?? ''}=======\n${other ?? ''}>>>>>>>\n`
        : one === old
          ? other
          : one;
      if (isConflict) conflicts.push(path);
      if (content !== undefined) files.set(path, content);
    }
    return { files, conflicts: conflicts.sort() };
  }
}

/** What a file in conflict begins with. */
export const MARKER = '<<<<<<<';

export const isSame = (one: Files, other: Files): boolean => differing(one, other).length === 0;

/** Paths of files that differ, sorted. */
export function differing(one: Files, other: Files): string[] {
  const paths = new Set([...one.keys(), ...other.keys()]);
  return [...paths].filter(path => one.get(path) !== other.get(path)).sort();
}
