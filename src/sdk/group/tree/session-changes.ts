import type { Clock } from '../../clock.ts';
import { textOfThrown } from '../../errors.ts';
import { createGit, type GitOptions } from '../../project/git.ts';
import { hasWorkingTree } from '../../project/project-key.ts';
import { type Baseline, changedSince, type TreeState, treeState } from '../../project/working-tree.ts';
import { MAX_FILES } from '../journal/stored-result.ts';

export interface ChangedFiles {
  /** Sorted, relative to the project's folder. */
  readonly files: readonly string[];
  /** The number of changed files not listed. */
  readonly more: number;
}

export interface ChangesHost {
  readonly clock: Clock;
  readonly env: GitOptions['env'];
  /** Journals the baseline, so that a later engine compares with the same one. */
  keep(baseline: Baseline): void;
  warn(message: string): void;
}

/**
 * The files that a session changes in its project, according to git before its first attempt and on completion.
 * Changes made by others in between, such as another session while this one was paused, count too. Never fails, and
 * never blocks a session for long: if git can't tell, the files are unknown and a warning says why.
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

  /** Ignores a baseline of another folder. */
  restore(baseline: Baseline | undefined): void {
    if (baseline?.folder === this.#folder) this.#baseline = baseline;
  }

  /** Call before the first attempt. Returns undefined if there is nothing to wait for. */
  begin(signal: AbortSignal): Promise<void> | undefined {
    if (this.#baseline !== undefined) return undefined;
    if (!hasWorkingTree(this.#folder)) {
      this.#keep(null);
      return undefined;
    }
    return this.#begin(signal);
  }

  /** Whether there is a tree to compare with. */
  get tracks(): boolean {
    return this.#baseline?.tree !== undefined && this.#baseline.tree !== null;
  }

  /** Resolves with undefined if the changes are unknown. Never rejects. */
  async finish(): Promise<ChangedFiles | undefined> {
    const tree = this.#baseline?.tree;
    if (!tree) return undefined;
    this.#asking = new AbortController();
    try {
      const files = await changedSince(this.#git(this.#asking.signal), this.#folder, tree);
      return { files: files.slice(0, MAX_FILES), more: Math.max(0, files.length - MAX_FILES) };
    } catch (error) {
      this.#warn(error);
      return undefined;
    } finally {
      this.#asking = undefined;
    }
  }

  /** Cancels what `finish` waits for. */
  cancel(): void {
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
    const reason = textOfThrown(error);
    this.#host.warn(`the changed files are unknown: ${reason}`);
  }

  #git(signal: AbortSignal) {
    return createGit({ clock: this.#host.clock, env: this.#host.env, signal });
  }
}
