import { WorkspaceError } from '../../../src/sdk/workspace/error.ts';
import { mergedBranch } from '../../../src/sdk/workspace/names.ts';
import type { BranchOrder, DeliveryOrder, ObjectId } from '../../../src/sdk/workspace/orders.ts';
import type { Conflict, DeliveryPlan, DeliveryWish, UndoPlan } from '../../../src/sdk/workspace/port.ts';
import { differing, type SimulatedRepository } from './objects.ts';

export const moved = (ref: string): WorkspaceError =>
  new WorkspaceError('workspace_moved', `${ref} was moved by another`);

/** Compare-and-swap that accepts that it has been made. */
export function move(
  repository: SimulatedRepository,
  ref: string,
  from: ObjectId | null,
  to: ObjectId | null,
): void {
  const now = repository.refs.get(ref) ?? null;
  if (now === to) return;
  if (now !== from) throw moved(ref);
  if (to === null) repository.refs.delete(ref);
  else repository.refs.set(ref, to);
}

type Joined =
  | { readonly commit: ObjectId; readonly conflict?: never }
  | { readonly commit?: never; readonly conflict: Conflict };

/** A commit that contains both, or their conflict. */
export function join(
  repository: SimulatedRepository,
  ours: ObjectId,
  theirs: ObjectId,
  time: number,
): Joined {
  if (repository.contains(ours, theirs)) return { commit: ours };
  if (repository.contains(theirs, ours)) return { commit: theirs };
  const { files, conflicts } = repository.merge(ours, theirs);
  if (conflicts.length > 0) return { conflict: { ours, theirs, files: conflicts } };
  return { commit: repository.commit({ files, parents: [ours, theirs], text: 'merge', time }) };
}

/** The branch of the user's tree. */
const USERS = 'refs/heads/main';

const refused = (reason: string, files: readonly string[] = []) => ({
  kind: 'refused' as const,
  reason,
  files,
});

export function planDelivery(
  repository: SimulatedRepository,
  { group, into, time }: DeliveryWish,
): DeliveryPlan {
  const ref = `refs/heads/${into}`;
  const [from, to] = [repository.refs.get(ref), repository.refs.get(mergedBranch(group))];
  if (to === undefined) return refused('nothing has been merged yet');
  if (from === undefined) return refused(`there is no branch ${into}`);
  if (repository.contains(from, to)) return { kind: 'done' };
  const joined = join(repository, to, from, time);
  if (joined.conflict) return { kind: 'conflict', conflict: joined.conflict };
  const { commit } = joined;
  if (commit !== to) return { kind: 'behind', order: { result: from, onto: to, commit } };
  const files = ref === USERS ? inTheWay(repository, from, to) : [];
  if (files.length > 0) return refused('files would be overwritten', files);
  return { kind: 'ready', order: { into: ref, from, to } };
}

export function planUndo(repository: SimulatedRepository, { into, from, to }: DeliveryOrder): UndoPlan {
  const now = repository.refs.get(into);
  if (now === undefined || !repository.contains(now, to)) return { kind: 'done' };
  if (now !== to) return refused('the branch has moved on');
  const files = into === USERS && from !== null ? inTheWay(repository, to, from) : [];
  if (files.length > 0) return refused('files would be overwritten', files);
  return { kind: 'ready', order: { into, from: to, to: from } };
}

export function deliver(repository: SimulatedRepository, { into, from, to }: BranchOrder): void {
  const now = repository.refs.get(into) ?? null;
  if (now === to) return;
  if (now !== from) throw moved(into);
  const isUsers = into === USERS && from !== null && to !== null;
  const files = isUsers ? inTheWay(repository, from, to) : [];
  if (files.length > 0) throw new WorkspaceError('workspace_moved', 'files would be overwritten', { files });
  move(repository, into, from, to);
  if (!isUsers) return;
  const [before, after] = [repository.at(from).files, repository.at(to).files];
  for (const path of differing(before, after)) {
    const content = after.get(path);
    if (content === undefined) repository.users.delete(path);
    else repository.users.set(path, content);
  }
}

/** Files of the user's tree that a move from one commit to another would overwrite. */
function inTheWay(repository: SimulatedRepository, from: ObjectId, to: ObjectId): string[] {
  const [before, after] = [repository.at(from).files, repository.at(to).files];
  return differing(before, after).filter(path => {
    const now = repository.users.get(path);
    return now !== before.get(path) && now !== after.get(path);
  });
}
