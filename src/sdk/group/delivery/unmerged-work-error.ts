import { RefusedError } from '../../errors.ts';
import { counted } from '../../format.ts';
import type { UnmergedWork } from './delivered.ts';

/** Not what is in use, or only in a tree. */
export const canArchive = ({ only, problem }: UnmergedWork): boolean =>
  only.length === 0 && problem === undefined;

/** Work that is nowhere else would be lost. Exit code 5. */
export class UnmergedWorkError extends RefusedError {
  readonly work: readonly UnmergedWork[];

  constructor(groupId: string, work: readonly UnmergedWork[]) {
    const what = work.slice(0, MOST_NAMED).map(lossOf);
    const more = work.length > MOST_NAMED ? [`and ${work.length - MOST_NAMED} more`] : [];
    const first = work[0]?.session ?? 'SESSION';
    super('unmerged_work', `${groupId} has work that is nowhere else: ${[...what, ...more].join('; ')}`, {
      hint: !work.some(canArchive)
        ? 'What is in use or only in a tree stays, also with --discard: see to that, then repeat the command. Of a repository that is gone for good, group delete and group prune give up what cannot be read with --discard (HTTP: discard).'
        : `See what it is: session-groups session diff ${groupId} ${first}. To keep it under refs/session-groups/archive/ and go on, repeat the command with --discard (HTTP: discard).`,
    });
    this.work = work;
  }
}

const MOST_NAMED = 10;

/** In one line, for people: `api: 2 uncommitted files (a.ts, b.ts), commit 1234567890ab`. */
export function lossOf({ session, dirty, moreDirty, commit, only, problem }: UnmergedWork): string {
  const files = dirty.length + moreDirty;
  const names = dirty.slice(0, 3).join(', ');
  const parts = [
    ...(files > 0 ? [`${counted(files, 'uncommitted file')} (${names}${files > 3 ? ', …' : ''})`] : []),
    ...(commit === null ? [] : [`commit ${commit.slice(0, 12)}, not merged`]),
    ...(only.length > 0 ? [`only in its tree: ${only.join(', ')}`] : []),
    ...(problem === undefined ? [] : [problem]),
  ];
  return `${session}: ${parts.join(', ')}`;
}
