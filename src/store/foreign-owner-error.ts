import { GroupOwnedError, type GroupOwner } from '../sdk/group/store/store.ts';

/** The owner runs on another host, so this one cannot tell whether it is alive. */
export class ForeignOwnerError extends GroupOwnedError {
  override readonly hint: string;

  constructor(id: string, owner: GroupOwner, lock: string) {
    super(id, owner);
    this.hint = `Manage it on ${owner.host}. If you are sure that process has ended, remove its lock: rm '${lock}'`;
  }
}
