/**
 * Whose turn it is to merge, in each repository of a group.
 *
 * MERGE-TURNS-1 in a repository, at most one session has its turn.
 * MERGE-TURNS-2 the others follow in the order in which they asked.
 * MERGE-TURNS-3 a turn lasts until it is given back, however often its session asks for it.
 */
export class MergeTurns {
  readonly #repositoryOf: (id: string) => string;
  /** Of each repository: who has asked, the one whose turn it is first. */
  readonly #queues: Map<string, readonly string[]>;
  /** Repositories whose first has not been told yet. */
  #due: readonly string[];

  constructor(repositoryOf: (id: string) => string, from?: MergeTurns) {
    this.#repositoryOf = repositoryOf;
    this.#queues = new Map(from ? from.#queues : []);
    this.#due = from ? from.#due : [];
  }

  want(id: string): void {
    const repository = this.#repositoryOf(id);
    const queue = this.#queues.get(repository) ?? [];
    if (!queue.includes(id)) this.#queues.set(repository, [...queue, id]);
    if (queue.length === 0 || queue[0] === id) this.#due = [...this.#due, repository];
  }

  /** Who is to be told that its turn has come; undefined if nobody is. */
  next(): string | undefined {
    const [repository, ...rest] = this.#due;
    if (repository === undefined) return undefined;
    this.#due = rest;
    return this.#queues.get(repository)?.[0];
  }

  /** It has merged, or waits no longer. */
  giveBack(id: string): void {
    const repository = this.#repositoryOf(id);
    const queue = this.#queues.get(repository);
    if (!queue?.includes(id)) return;
    const rest = queue.filter(other => other !== id);
    if (rest.length === 0) this.#queues.delete(repository);
    else this.#queues.set(repository, rest);
    if (queue[0] !== id) return;
    const others = this.#due.filter(other => other !== repository);
    this.#due = rest.length === 0 ? others : [...others, repository];
  }

  /** Who has its turn while this session waits for it; undefined if it does not wait. */
  ahead(id: string): string | undefined {
    const queue = this.#queues.get(this.#repositoryOf(id));
    return queue?.includes(id) && queue[0] !== id ? queue[0] : undefined;
  }
}
