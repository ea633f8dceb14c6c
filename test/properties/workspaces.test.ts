// @module-tag processes
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from '@fast-check/vitest';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergedBranch } from '../../src/sdk/workspace/names.ts';
import type { ObjectId } from '../../src/sdk/workspace/orders.ts';
import type { Conflict } from '../../src/sdk/workspace/port.ts';
import type { Repository } from '../support/repository.ts';
import {
  type Begun,
  finish,
  GROUP,
  TIME,
  type WorkspaceBench,
  workspaceBench,
} from '../support/workspace-bench.ts';

/*
 * Random graphs of sessions over several repositories: CI runs a tenth. The whole: SEQUENCES=100; others: SEED=7.
 */

const FILES = ['a.txt', 'b.txt'];

const SESSION = fc.record({
  repository: fc.constantFrom(0, 0, 1, 2),
  /** How far back the sessions are that it depends on. */
  back: fc.uniqueArray(fc.integer({ min: 1, max: 4 }), { maxLength: 2 }),
  /** Files of all that it changes, besides one of its own. */
  shared: fc.uniqueArray(fc.constantFrom(...FILES), { minLength: 1, maxLength: 2 }),
  commits: fc.boolean(),
  /** Works at the same time as the session before, from the same beginning, if it does not depend on it. */
  beside: fc.constantFrom(true, true, false),
});
type Session = typeof SESSION extends fc.Arbitrary<infer Value> ? Value : never;

class DagRun {
  readonly #bench: WorkspaceBench;
  readonly #repositories: readonly Repository[];
  readonly #sessions: readonly Session[];
  /** What became of each session: the commit with which it is in the group's branch. */
  readonly #results: ObjectId[] = [];
  conflicts = 0;

  constructor(bench: WorkspaceBench, sessions: readonly Session[]) {
    this.#bench = bench;
    this.#sessions = sessions;
    this.#repositories = [0, 1, 2].map(at => {
      const repo = bench.repository(`repo${at}`);
      for (const file of FILES) repo.write(file, `${file}\n`);
      repo.commit('first');
      repo.write('dirty.txt', 'of the user\n');
      return repo;
    });
  }

  async live(): Promise<void> {
    const before = this.#users();
    for (let at = 0; at < this.#sessions.length; ) {
      const batch = [at];
      while (this.#isBeside(batch)) batch.push(at + batch.length);
      const begun: Begun[] = [];
      for (const index of batch) begun.push(await this.#begin(index));
      for (const [order, one] of begun.entries()) this.#results.push(await this.#end(one, at + order));
      at += batch.length;
    }
    expect(this.#users()).toEqual(before);
    this.#check();
  }

  #isBeside(batch: readonly number[]): boolean {
    const [first = 0] = batch;
    const next = first + batch.length;
    const session = this.#sessions[next];
    return session?.beside === true && this.#dependencies(next).every(index => index < first);
  }

  #dependencies(index: number): number[] {
    const back = this.#sessions[index]?.back ?? [];
    return back.map(steps => index - steps).filter(other => other >= 0);
  }

  #repositoryOf(index: number): Repository {
    const repo = this.#repositories[this.#sessions[index]?.repository ?? 0];
    if (!repo) throw new Error('there is no such repository');
    return repo;
  }

  #isIn(index: number, repo: Repository): boolean {
    return this.#repositoryOf(index) === repo;
  }

  async #begin(index: number): Promise<Begun> {
    const repo = this.#repositoryOf(index);
    const inSame = this.#dependencies(index).filter(other => this.#isIn(other, repo));
    const dependencies = inSame.map(other => this.#results[other] ?? '');
    const begun = await this.#bench.begin(repo, `s${index}`, { dependencies, time: TIME + index });
    // They were merged in order: none can conflict with another.
    expect(begun.conflict).toBeNull();
    for (const name of [...(this.#sessions[index]?.shared ?? []), `own-${index}.txt`]) {
      writeFileSync(join(begun.tree.path, name), `of ${index}\n`);
    }
    if (this.#sessions[index]?.commits) begun.tree.commit(`of ${index}`);
    return begun;
  }

  /** Saves, merges, resolves if need be, and moves the group's branch. */
  async #end({ site, ready, tree }: Begun, index: number): Promise<ObjectId> {
    const { port } = this.#bench;
    let result = await finish(port, site, ready, TIME + index);
    for (;;) {
      const plan = await port.planMerge(site, ready, { result, time: TIME + index });
      if (plan.kind === 'merge') {
        await port.takeMerge(site, ready, plan.order);
        await port.advance(site, GROUP, plan.order);
        expect(tree.git('status', '--porcelain')).toBe('');
        return plan.order.commit;
      }
      this.conflicts += 1;
      await port.putConflict(site, ready, plan.conflict);
      result = await this.#resolve({ site, ready, tree }, index, plan.conflict);
    }
  }

  async #resolve(
    { site, ready, tree }: Pick<Begun, 'site' | 'ready' | 'tree'>,
    index: number,
    resolves: Conflict,
  ) {
    for (const file of resolves.files) writeFileSync(join(tree.path, file), `resolved by ${index}\n`);
    const { port } = this.#bench;
    const plan = await port.planResult(site, ready, { attempts: 2, time: TIME + index, resolves });
    expect(plan.unresolved).toEqual([]);
    await port.takeResult(site, ready, plan.order);
    return plan.order.commit;
  }

  /** Everything of the users. */
  #users(): string[] {
    return this.#repositories.map(
      repo => repo.git('rev-parse', 'HEAD') + repo.git('status', '--porcelain', '--branch'),
    );
  }

  #check(): void {
    for (const repo of this.#repositories) {
      const inIt = this.#results.flatMap((commit, index) =>
        this.#isIn(index, repo) ? [{ commit, index }] : [],
      );
      if (inIt.length === 0) continue;
      const order = repo.git('rev-list', '--topo-order', '--reverse', mergedBranch(GROUP)).trim().split('\n');
      const names = repo.git('ls-tree', '--name-only', mergedBranch(GROUP)).trim().split('\n');
      for (const { commit, index } of inIt) {
        expect(order).toContain(commit);
        expect(names).toContain(`own-${index}.txt`);
        for (const other of this.#dependencies(index).filter(one => this.#isIn(one, repo))) {
          const dependency = this.#results[other] ?? '';
          expect(order.indexOf(dependency)).toBeLessThanOrEqual(order.indexOf(commit));
          expect(repo.git('merge-base', dependency, commit).trim()).toBe(dependency);
        }
      }
    }
  }
}

let conflicts = 0;

describe('sessions of a random graph over several repositories', () => {
  test.prop([fc.array(SESSION, { minLength: 2, maxLength: 6 })], {
    numRuns: Number(process.env.SEQUENCES ?? 10),
    seed: Number(process.env.SEED ?? 20_260_101),
  })(
    'are all in the branches of the group, after those that they depend on, and nothing else moves',
    async sessions => {
      const bench = workspaceBench();
      try {
        const run = new DagRun(bench, sessions);
        await run.live();
        conflicts += run.conflicts;
      } finally {
        bench.close();
      }
    },
    3_600_000,
  );

  it('had conflicts to resolve', () => {
    expect(conflicts).toBeGreaterThan(0);
  });
});
