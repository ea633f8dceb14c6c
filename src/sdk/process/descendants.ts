import { entryOf, type ProcessEntry, readProcessTable } from './process-table.ts';

/** Live processes whose marker satisfies the predicate. Throws when the process table cannot be read. */
export function findMarked(predicate: (marker: string) => boolean): number[] {
  return liveEntries()
    .filter(hasMarker(predicate))
    .map(entry => entry.pid);
}

/**
 * All processes that came from one program: those in its process group or session, those that carry its marker, and
 * the descendants of either. Once seen, a process is remembered by pid and start time, so that a child which cleared
 * its environment isn't lost when its parent dies. The caller is never among them.
 */
export interface ProcessTree {
  /** The processes alive now, root included, zombies excluded. Throws when the process table can't be read. */
  members(): ProcessEntry[];
}

/** Call it before the root is reaped, ideally right after the spawn. */
export function processTree(rootPid: number, marker: string): ProcessTree {
  const rootStart = startOf(rootPid);
  return treeOf(table => {
    // Once the root has exited, its pid, and with it the number of the group, can be reused.
    const reused =
      rootStart > 0 && table.some(entry => entry.pid === rootPid && entry.startTicks !== rootStart);
    return entry =>
      // A process older than the root can't descend from it, so its environment need not be read.
      entry.startTicks >= rootStart &&
      ((!reused && (entry.group === rootPid || entry.session === rootPid)) || entry.marker() === marker);
  });
}

/** All processes whose marker satisfies the predicate, and their descendants; once seen, a process is remembered. */
export const markedTree = (predicate: (marker: string) => boolean): ProcessTree =>
  treeOf(() => hasMarker(predicate));

type Test = (entry: ProcessEntry) => boolean;

/** @param rootsIn which processes of a table are members by themselves. */
function treeOf(rootsIn: (table: readonly ProcessEntry[]) => Test): ProcessTree {
  const seen = new Map<number, number>();
  return {
    members() {
      const table = liveEntries();
      const isRoot = rootsIn(table);
      const found = new Map<number, ProcessEntry>();
      for (const entry of table) {
        const known = seen.get(entry.pid) === entry.startTicks && entry.startTicks > 0;
        if (known || isRoot(entry)) found.set(entry.pid, entry);
      }
      addChildren(found, table);
      for (const entry of found.values()) seen.set(entry.pid, entry.startTicks);
      return [...found.values()];
    },
  };
}

/** Without this process. */
const liveEntries = (): ProcessEntry[] =>
  readProcessTable().filter(entry => !entry.zombie && entry.pid !== process.pid);

const hasMarker =
  (predicate: (marker: string) => boolean): Test =>
  entry => {
    const marker = entry.marker();
    return marker !== undefined && predicate(marker);
  };

/** 0 when it can't be read; the environment of every process is read then. */
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
