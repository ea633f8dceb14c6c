import type { ReadyQueue } from './ready-queue.ts';

/**
 * Candidates that wait for something other than a slot: a place in their project, or an open account. Those blocked by
 * a project keep the order of the ready queue.
 */
export class BlockedCandidates {
  readonly #newQueue: (values?: readonly number[]) => ReadyQueue;
  readonly #kinds = new Map<number, 'project' | 'account'>();
  readonly #byProject = new Map<string, ReadyQueue>();
  #byAccount: number[] = [];

  constructor(newQueue: (values?: readonly number[]) => ReadyQueue, from?: BlockedCandidates) {
    this.#newQueue = newQueue;
    if (!from) return;
    this.#kinds = new Map(from.#kinds);
    for (const [project, queue] of from.#byProject) this.#byProject.set(project, newQueue(queue.values()));
    this.#byAccount = [...from.#byAccount];
  }

  get size(): number {
    return this.#kinds.size;
  }

  /** What the candidate waits for; undefined if it isn't blocked. */
  kindOf(index: number): 'project' | 'account' | undefined {
    return this.#kinds.get(index);
  }

  indices(): number[] {
    return [...this.#kinds.keys()];
  }

  projects(): string[] {
    return [...this.#byProject.keys()];
  }

  waitsForProject(project: string): boolean {
    return this.#byProject.has(project);
  }

  forProject(index: number, project: string): void {
    const queue = this.#byProject.get(project) ?? this.#newQueue();
    queue.push(index);
    this.#byProject.set(project, queue);
    this.#kinds.set(index, 'project');
  }

  forAccount(index: number): void {
    this.#byAccount.push(index);
    this.#kinds.set(index, 'account');
  }

  /** Removes and returns the best candidate blocked by the project. */
  nextOf(project: string): number | undefined {
    const queue = this.#byProject.get(project);
    const next = queue?.pop();
    if (queue?.size === 0) this.#byProject.delete(project);
    if (next !== undefined) this.#kinds.delete(next);
    return next;
  }

  /** Removes and returns all candidates blocked by an account. */
  takeAccounts(): number[] {
    const taken = this.#byAccount;
    this.#byAccount = [];
    for (const index of taken) this.#kinds.delete(index);
    return taken;
  }

  /** Removes and returns all candidates. */
  takeAll(): number[] {
    const taken = this.indices();
    this.#kinds.clear();
    this.#byAccount = [];
    this.#byProject.clear();
    return taken;
  }

  remove(index: number): boolean {
    if (!this.#kinds.delete(index)) return false;
    this.#byAccount = this.#byAccount.filter(other => other !== index);
    for (const [project, queue] of this.#byProject) {
      if (queue.delete(index) && queue.size === 0) this.#byProject.delete(project);
    }
    return true;
  }
}
