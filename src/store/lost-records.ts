import { join } from 'node:path';
import { z } from 'zod';
import type { Disk } from '../sdk/disk/disk.ts';
import { ifThere, readIfThere } from '../sdk/disk/disk-files.ts';
import type { GroupFold } from '../sdk/group/journal/fold.ts';
import { JournalDamagedError } from '../sdk/group/store/journal-errors.ts';
import type { GroupMeta } from '../sdk/group/store/store.ts';
import { parseJson } from '../sdk/json.ts';
import { JOURNAL_FILE, META_FILE } from './group-folder.ts';
import type { ReadHistory } from './journal/read-history.ts';
import type { ReadSnapshot } from './journal/snapshot-file.ts';
import { bootIn, type Machine } from './machine.ts';

/**
 * What `meta.json` knows of the journal. The journal only grows, so one with fewer lines has been cut, emptied or
 * replaced; a restart of the machine may have cost it lines that no sync had covered, but never all of them.
 */
const Proof = z.object({ lines: z.number(), boot: z.string().optional() });
export type Proof = z.output<typeof Proof>;

export const bootOf = (machine: Machine): string | undefined => bootIn(machine.startTime(machine.pid));

/** To be read before the journal, which may be growing. */
export function readProof(disk: Disk, dir: string): Proof | undefined {
  const text = ifThere(() => readIfThere(disk, join(dir, META_FILE)))?.toString('utf8');
  return z.object({ journal: Proof }).safeParse(parseJson(text ?? '')).data?.journal;
}

interface Known {
  readonly dir: string;
  readonly boot: string | undefined;
  readonly meta: GroupMeta;
  readonly proof: Proof | undefined;
}

/** @throws JournalDamagedError if the journal lacks records that it is known to have had. */
export function assertNoneLost(
  { dir, boot, meta, proof }: Known,
  { lines }: ReadHistory,
  { seq, status }: GroupFold,
  snapshot: ReadSnapshot | undefined,
): void {
  const isEmpty = seq === 0 && ((snapshot?.fold.seq ?? 0) > 0 || (proof?.lines ?? 0) > 1);
  const isCut =
    proof === undefined
      ? status === 'created' && meta.status !== 'created' // as the first release left it
      : boot !== undefined && boot === proof.boot && lines < proof.lines;
  if (!isEmpty && !isCut) return;
  const { total: _, ...counts } = meta.counts;
  const sessions = Object.entries(counts).flatMap(([name, count]) => (count > 0 ? [`${count} ${name}`] : []));
  const state = [meta.status, ...sessions, `$${meta.totalCostUsd.toFixed(2)}`].join(', ');
  const reason = `the journal ends here, but more was written to it; last known state: ${state}`;
  throw new JournalDamagedError(join(dir, JOURNAL_FILE), lines + 1, reason);
}
