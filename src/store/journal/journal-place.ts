import type { Disk } from '../../sdk/disk.ts';
import type { JournalFormat } from '../../sdk/group/journal/format.ts';

/** Where a journal lies, whose it is, and what can be read and written there. */
export interface JournalPlace {
  readonly disk: Disk;
  readonly path: string;
  readonly groupId: string;
  readonly format: JournalFormat;
}
