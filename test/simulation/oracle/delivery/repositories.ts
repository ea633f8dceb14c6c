import type { Files, Observation } from '../../history.ts';

interface Commit {
  readonly parents: readonly string[];
  readonly files: Files;
}

/** The repositories as they are: a literal reading of what was written to them. */
export class Repositories {
  readonly commits = new Map<string, Commit>();
  /** By repository and full ref. */
  readonly #refs = new Map<string, Map<string, string>>();

  see(observation: Observation): void {
    if (observation.kind === 'commit') {
      const { id, parents, files } = observation;
      this.commits.set(id, { parents, files });
    } else if (observation.kind === 'ref') {
      const refs = this.of(observation.repository);
      if (observation.to === undefined) refs.delete(observation.ref);
      else refs.set(observation.ref, observation.to);
    }
  }

  of(repository: string): Map<string, string> {
    const refs = this.#refs.get(repository) ?? new Map<string, string>();
    this.#refs.set(repository, refs);
    return refs;
  }

  /** The group's branch. */
  merged(repository: string): string | undefined {
    return [...this.of(repository)].find(([ref]) => MERGED.test(ref))?.[1];
  }

  contains(id: string | undefined, ancestor: string): boolean {
    return id !== undefined && this.#history([id]).has(ancestor);
  }

  /** Whether any ref leads to a commit that has this text in this file. */
  keeps(path: string, text: string): boolean {
    const tips = [...this.#refs.values()].flatMap(refs => [...refs.values()]);
    return [...this.#history(tips)].some(id => this.commits.get(id)?.files[path]?.includes(text));
  }

  #history(tips: readonly string[]): Set<string> {
    const found = new Set<string>();
    const open = [...tips];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (found.has(next)) continue;
      found.add(next);
      open.push(...(this.commits.get(next)?.parents ?? []));
    }
    return found;
  }
}

export const MERGED = /^refs\/heads\/session-groups\/[^/]+\/_merged$/;
export const OURS = /^refs\/(?:heads\/)?session-groups\//;

export const sameFiles = (one: Files = {}, other: Files = {}): boolean =>
  [...new Set([...Object.keys(one), ...Object.keys(other)])].every(path => one[path] === other[path]);

/** A repository's name in a plan is the last part of its path. */
export const nameOf = (repository: string): string => repository.split('/').at(-1) ?? repository;
