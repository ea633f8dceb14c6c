import { isSettledGroup } from '../../../../machines/vocabulary.ts';
import type { CurrentGroup } from '../../../control/current-group.ts';
import type { ByHand } from '../../../sdk/group/delivery/by-hand.ts';
import { waitsForDelivery } from '../../../sdk/group/standing/deliverable.ts';
import { isRehearsal } from '../../../sdk/group/standing/rehearsal.ts';
import { unmerged } from '../../../sdk/group/standing/result.ts';
import { foldOf } from '../../../sdk/group/standing/saved-group.ts';
import type { CliContext } from '../../context.ts';
import { currentGroup } from '../../groups/current-group.ts';
import { unsavedAdvice, unsavedIn } from '../../groups/unsaved.ts';
import { JsonOption } from '../../json-option.ts';
import { renderShow, stepAfter } from '../../show/show-text.ts';
import { lookOf } from '../../terminal.ts';
import { jsonLine } from '../../text.ts';

/** `group show ID`: shows a group's status and what is blocking it. */
export async function groupShow(context: CliContext, word: string, given: unknown): Promise<void> {
  const { io } = context;
  const { json } = JsonOption.parse(given);
  const found = await currentGroup(word, context);
  // Its records are folded once.
  const current = { ...found, stored: { ...found.stored, fold: foldOf(found.stored) } };
  const byHand = await deliveredByHand(current, context);
  const unsaved = await unsavedIn(current.stored, context);
  if (json) {
    io.stdout.write(jsonLine({ ...showLine(current, byHand), ...(unsaved.length > 0 && { unsaved }) }));
    return;
  }
  io.stdout.write(renderShow(current, { ...lookOf(io.stdout, io.env), now: io.now() }));
  const next = await stepAfter(current, byHand);
  for (const line of [next, unsavedAdvice(current.stored.group.id, unsaved)])
    if (line !== undefined) io.stderr.write(`${line}\n`);
}

/** Undefined where the group has settled without changes that wait for a branch, or has not settled. */
async function deliveredByHand({ stored }: CurrentGroup, { services, io }: CliContext) {
  const fold = foldOf(stored);
  const isThere = [...fold.sessions.values()].some(session => unmerged(session).branch !== undefined);
  if (!isSettledGroup(fold.status) || !(isThere || waitsForDelivery(fold))) return undefined;
  return (await services.delivery()).viewDelivery(stored, { env: io.env }).byHand();
}

/** The progress, and what only the store has. */
function showLine({ stored, progress, status, suspendedAt }: CurrentGroup, byHand: ByHand | undefined) {
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
    toDeliver: (waitsForDelivery(foldOf(stored)) && !byHand?.merged) || undefined,
  };
}
