import type { Clock } from '../../clock.ts';
import { createGit, type GitOptions } from '../../project/git.ts';
import { hasWorkingTree } from '../../project/project-key.ts';
import { type Baseline, changedSince, type TreeState, treeState } from '../../project/working-tree.ts';

export interface ChangedFiles {
  /** Sorted, relative to the project's folder. */
  readonly files: readonly string[];
  /** How many there are besides. */
  readonly more: number;
}

export interface ChangesHost {
  readonly clock: Clock;
  readonly env: GitOptions['env'];
  /** Journals it: a later engine compares with the same. */
  keep(baseline: Baseline): void;
  warn(message: string): void;
}

/** Of more changed files the names are not kept. */
export const MOST_NAMED = 1_000;

/**
 * The files that a session changes in its project, by what git says before its first attempt and when it completes.
 * Whatever else changes them in between, such as another session while this one was paused, counts too. Never fails
 * and never holds a session up for long: where git cannot say, nothing is known, and a warning says why.
 */
export class SessionChanges {
  readonly #folder: string;
  readonly #host: ChangesHost;
  #baseline: Baseline | undefined;
  #asking: AbortController | undefined;

  constructor(folder: string, host: ChangesHost) {
    this.#folder = folder;
    this.#host = host;
  }

  get baseline(): Baseline | undefined {
    return this.#baseline;
  }

  /** One of another folder is not taken over. */
  restore(baseline: Baseline | undefined): void {
    if (baseline?.folder === this.#folder) this.#baseline = baseline;
  }

  /** Before the first attempt. Undefined: there is nothing to wait for. */
  begin(signal: AbortSignal): Promise<void> | undefined {
    if (this.#baseline !== undefined) return undefined;
    if (!hasWorkingTree(this.#folder)) {
      this.#keep(null);
      return undefined;
    }
    return this.#begin(signal);
  }

  /** Something is known to compare with. */
  get tracks(): boolean {
    return this.#baseline?.tree !== undefined && this.#baseline.tree !== null;
  }

  /** Undefined: not known. Never rejects. */
  async finish(): Promise<ChangedFiles | undefined> {
    const tree = this.#baseline?.tree;
    if (!tree) return undefined;
    this.#asking = new AbortController();
    try {
      const files = await changedSince(this.#git(this.#asking.signal), this.#folder, tree);
      return { files: files.slice(0, MOST_NAMED), more: Math.max(0, files.length - MOST_NAMED) };
    } catch (error) {
      this.#warn(error);
      return undefined;
    } finally {
      this.#asking = undefined;
    }
  }

  /** Ends what `finish` waits for. */
  cut(): void {
    this.#asking?.abort();
  }

  async #begin(signal: AbortSignal): Promise<void> {
    let tree: TreeState | null = null;
    try {
      tree = await treeState(this.#git(signal), this.#folder);
    } catch (error) {
      if (!signal.aborted) this.#warn(error);
    }
    if (!signal.aborted) this.#keep(tree);
  }

  #keep(tree: TreeState | null): void {
    this.#baseline = { folder: this.#folder, tree };
    this.#host.keep(this.#baseline);
  }

  #warn(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.#host.warn(`the files that it changes are not known: ${reason}`);
  }

  #git(signal: AbortSignal) {
    return createGit({ clock: this.#host.clock, env: this.#host.env, signal });
  }
}
