import { entryOf, type ProcessEntry, readProcessTable } from './process-table.ts';

/** Live processes whose marker satisfies the predicate. Throws when the process table cannot be read. */
export function findMarked(predicate: (marker: string) => boolean): number[] {
  return readProcessTable()
    .filter(entry => {
      const marker = entry.zombie || entry.pid === process.pid ? undefined : entry.marker();
      return marker !== undefined && predicate(marker);
    })
    .map(entry => entry.pid);
}

/**
 * All processes that came from one program. Somebody belongs to it who is in its process group or session,
 * or carries its marker, or descends from somebody who belongs to it. Who was seen once is remembered by
 * pid and start, so that a child which cleared its environment is not lost when its parent dies.
 * The caller is never among them.
 */
export interface ProcessTree {
  /** Who is alive now, the root included; zombies are not. Throws when the process table cannot be read. */
  members(): ProcessEntry[];
}

/** To be called while the root has not been reaped, best at once after the spawn. */
export function processTree(rootPid: number, marker: string): ProcessTree {
  const rootStart = startOf(rootPid);
  const seen = new Map<number, number>();

  /** After the root's end its pid, and with it the group's number, may be somebody else's. */
  const isRootReused = (table: readonly ProcessEntry[]): boolean =>
    rootStart > 0 && table.some(entry => entry.pid === rootPid && entry.startTicks !== rootStart);

  const members = (): ProcessEntry[] => {
    const table = readProcessTable().filter(entry => !entry.zombie && entry.pid !== process.pid);
    const reused = isRootReused(table);
    const found = new Map<number, ProcessEntry>();
    for (const entry of table) {
      // Whoever is older than the root cannot come from it: its environment need not be read.
      if (entry.startTicks < rootStart) continue;
      const inGroup = !reused && (entry.group === rootPid || entry.session === rootPid);
      const known = seen.get(entry.pid) === entry.startTicks && entry.startTicks > 0;
      if (inGroup || known || entry.marker() === marker) found.set(entry.pid, entry);
    }
    addChildren(found, table);
    for (const entry of found.values()) seen.set(entry.pid, entry.startTicks);
    return [...found.values()];
  };
  return { members };
}

/** Everybody whose marker satisfies the predicate, and who descends from them; who was seen once is remembered. */
export function markedTree(predicate: (marker: string) => boolean): ProcessTree {
  const seen = new Map<number, number>();
  return {
    members() {
      const table = readProcessTable().filter(entry => !entry.zombie && entry.pid !== process.pid);
      const found = new Map<number, ProcessEntry>();
      for (const entry of table) {
        const known = seen.get(entry.pid) === entry.startTicks && entry.startTicks > 0;
        const marker = known ? undefined : entry.marker();
        if (known || (marker !== undefined && predicate(marker))) found.set(entry.pid, entry);
      }
      addChildren(found, table);
      for (const entry of found.values()) seen.set(entry.pid, entry.startTicks);
      return [...found.values()];
    },
  };
}

/** 0 when it cannot be read: then the environment of every process is. */
function startOf(pid: number): number {
  try {
    return entryOf(pid)?.startTicks ?? 0;
  } catch {
    return 0;
  }
}

function addChildren(found: Map<number, ProcessEntry>, table: readonly ProcessEntry[]): void {
  if (found.size === 0) return;
  const children = new Map<number, ProcessEntry[]>();
  for (const entry of table) {
    const siblings = children.get(entry.parent);
    if (siblings) siblings.push(entry);
    else children.set(entry.parent, [entry]);
  }
  const open = [...found.keys()];
  for (let parent = open.pop(); parent !== undefined; parent = open.pop()) {
    for (const child of children.get(parent) ?? []) {
      if (found.has(child.pid)) continue;
      found.set(child.pid, child);
      open.push(child.pid);
    }
  }
}
