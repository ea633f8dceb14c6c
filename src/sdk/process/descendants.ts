import { type ProcessEntry, readProcessTable } from './process-table.ts';

/** Live processes whose marker satisfies the predicate. Throws when the process table cannot be read. */
export const findMarked = (predicate: (marker: string) => boolean): number[] =>
  findProcesses(entry => isMarked(entry, predicate));

/** Live processes, this one excluded, that carry something. Throws when the process table cannot be read. */
export const findProcesses = (test: (entry: ProcessEntry) => boolean): number[] =>
  readProcessTable()
    .filter(entry => isLiveOther(entry) && test(entry))
    .map(({ pid }) => pid);

/** Neither a zombie nor this process. */
export const isLiveOther = ({ zombie, pid }: ProcessEntry): boolean => !zombie && pid !== process.pid;

export function isMarked(entry: ProcessEntry, predicate: (marker: string) => boolean): boolean {
  const marker = entry.marker();
  return marker !== undefined && predicate(marker);
}

/**
 * The processes of each owner: those that it claims, and their descendants, except what another claims.
 * @param claim the owner of a process by what is known of the process itself.
 */
export function attribute<Owner>(
  table: readonly ProcessEntry[],
  claim: (entry: ProcessEntry) => Owner | undefined,
): Map<Owner, ProcessEntry[]> {
  const owned = new Map<Owner, ProcessEntry[]>();
  const taken = new Set<number>();
  const open: { readonly entry: ProcessEntry; readonly owner: Owner }[] = [];
  const take = (entry: ProcessEntry, owner: Owner): void => {
    taken.add(entry.pid);
    open.push({ entry, owner });
    const own = owned.get(owner);
    if (own) own.push(entry);
    else owned.set(owner, [entry]);
  };
  for (const entry of table) {
    const owner = claim(entry);
    if (owner !== undefined) take(entry, owner);
  }
  if (open.length === 0) return owned;
  const children = new Map<number, ProcessEntry[]>();
  for (const entry of table) {
    const siblings = children.get(entry.parent);
    if (siblings) siblings.push(entry);
    else children.set(entry.parent, [entry]);
  }
  for (let parent = open.pop(); parent !== undefined; parent = open.pop()) {
    for (const child of children.get(parent.entry.pid) ?? []) {
      // A parent that is younger than its child has the pid of the one that the table was read with.
      if (!taken.has(child.pid) && child.startTicks >= parent.entry.startTicks) take(child, parent.owner);
    }
  }
  return owned;
}
