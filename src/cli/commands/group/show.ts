import type { CurrentGroup } from '../../../control/current-group.ts';
import { waitsForDelivery } from '../../../sdk/group/standing/deliverable.ts';
import { isRehearsal } from '../../../sdk/group/standing/rehearsal.ts';
import { foldOf } from '../../../sdk/group/standing/saved-group.ts';
import type { CliContext } from '../../context.ts';
import { currentGroup } from '../../groups/current-group.ts';
import { JsonOption } from '../../json-option.ts';
import { renderShow, stepAfter } from '../../show/show-text.ts';
import { lookOf } from '../../terminal.ts';
import { jsonLine } from '../../text.ts';

/** `group show ID`: shows a group's status and what is blocking it. */
export async function groupShow(context: CliContext, word: string, given: unknown): Promise<void> {
  const { io } = context;
  const { json } = JsonOption.parse(given);
  const current = await currentGroup(word, context);
  if (json) {
    io.stdout.write(jsonLine(showLine(current)));
    return;
  }
  io.stdout.write(renderShow(current, { ...lookOf(io.stdout, io.env), now: io.now() }));
  const next = await stepAfter(current);
  if (next !== undefined) io.stderr.write(`${next}\n`);
}

/** The progress, and what only the store has. */
function showLine({ stored, progress, status, suspendedAt }: CurrentGroup) {
  const { group, meta, owner, ownerUnreadable, dir } = stored;
  const { slug, createdAt, sourceFile, definition } = group;
  const { description } = definition;
  const dates = { createdAt, updatedAt: meta.updatedAt };
  return {
    type: 'group',
    ...progress,
    status,
    slug,
    description,
    ...dates,
    owner,
    suspendedAt,
    ownerUnreadable,
    dir,
    sourceFile,
    rehearsal: isRehearsal(group) || undefined,
    executor: group.executor,
    toDeliver: waitsForDelivery(foldOf(stored)) || undefined,
  };
}
