/**
 * Lets at most so many sessions be live in one project (I3). Everything answers at once: it is asked from
 * within a statechart's action. A project is named by its `projectKey`, a holder by a text of its own.
 */
export interface ProjectGate {
  /**
   * Takes a place, unless `limit` places or more are taken, whoever took them. A holder that is in already
   * stays in.
   */
  tryEnter(project: string, limit: number, holder: string): boolean;
  /** Gives the place back. A holder that is not in: nothing happens. */
  leave(project: string, holder: string): void;
  /** Told after a place was freed for which it may pay to ask again. The listener must not throw. */
  onFreed(listener: (project: string) => void): () => void;
  /** Gives back every place taken through this gate, and stops looking. */
  close(): void;
}

/** A gate for the groups of one process that share it; also what tests use. */
export function memoryProjectGate(): ProjectGate {
  const places = new Map<string, Set<string>>();
  const listeners = new Set<(project: string) => void>();
  return {
    tryEnter(project, limit, holder) {
      const holders = places.get(project) ?? new Set();
      if (holders.has(holder)) return true;
      if (holders.size >= limit) return false;
      places.set(project, holders.add(holder));
      return true;
    },
    leave(project, holder) {
      const holders = places.get(project);
      if (!holders?.delete(holder)) return;
      if (holders.size === 0) places.delete(project);
      for (const listener of [...listeners]) listener(project);
    },
    onFreed(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close() {
      places.clear();
      listeners.clear();
    },
  };
}
