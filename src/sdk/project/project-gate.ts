/** Who has a slot of a project, as far as that is known. */
export interface ProjectHolder {
  /** As it has entered: of a session `GROUP/SESSION`. */
  readonly holder: string;
  /** Since when, in epoch milliseconds. */
  readonly since?: number;
  /** What it waits for, while it keeps its slot: the answer of a person. */
  readonly waitsFor?: 'approval';
}

/**
 * Limits how many sessions are live in one project. Every call returns at once, because it is made from within
 * a statechart action. A project is identified by its `projectKey`, a holder by any string of its own.
 */
export interface ProjectGate {
  /** Takes a slot unless `limit` or more are taken, no matter by whom. A holder that is already in stays in. */
  tryEnter(project: string, limit: number, holder: string): boolean;
  /** Frees the slot. Does nothing if the holder isn't in. */
  leave(project: string, holder: string): void;
  /** Called after a slot was freed, when trying again may succeed. The listener must not throw. */
  onFreed(listener: (project: string) => void): () => void;
  /** Who is in, for those who wait; may be half a second old. Default: nobody is told. */
  holders?(project: string): readonly ProjectHolder[];
  /** What a holder waits for, for those who wait for it; `undefined` once it goes on. Does nothing if it isn't in. */
  mark?(holder: string, waitsFor: ProjectHolder['waitsFor']): void;
  /** Frees every slot taken through this gate, and stops polling. */
  close(): void;
}

/** A gate for the groups of one process that share it; also for tests. */
export function memoryProjectGate(): ProjectGate {
  const slots = new Map<string, Map<string, ProjectHolder>>();
  const listeners = new Set<(project: string) => void>();
  return {
    tryEnter(project, limit, holder) {
      const holders = slots.get(project) ?? new Map<string, ProjectHolder>();
      if (holders.has(holder)) return true;
      if (holders.size >= limit) return false;
      slots.set(project, holders.set(holder, { holder }));
      return true;
    },
    leave(project, holder) {
      const holders = slots.get(project);
      if (!holders?.delete(holder)) return;
      if (holders.size === 0) slots.delete(project);
      for (const listener of [...listeners]) listener(project);
    },
    onFreed(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    holders: project => [...(slots.get(project)?.values() ?? [])],
    mark(holder, waitsFor) {
      for (const holders of slots.values())
        if (holders.has(holder)) holders.set(holder, { holder, ...(waitsFor && { waitsFor }) });
    },
    close() {
      slots.clear();
      listeners.clear();
    },
  };
}
