import type { Disk } from '../../sdk/disk.ts';

/** Where a journal lies, and whose it is. */
export interface JournalPlace {
  readonly disk: Disk;
  readonly path: string;
  readonly groupId: string;
}
