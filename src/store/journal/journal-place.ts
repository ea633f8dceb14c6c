import type { Disk } from '../../sdk/disk/disk.ts';
import type { JournalFormat } from '../../sdk/group/journal/format.ts';

/** The location of a journal, the group it belongs to, and its format. */
export interface JournalPlace {
  readonly disk: Disk;
  readonly path: string;
  readonly groupId: string;
  readonly format: JournalFormat;
}
