import { GroupOwnedError, type GroupOwner } from '../sdk/group/store/store.ts';

/** The owner runs on another host, where this one cannot see whether it lives. */
export class ForeignOwnerError extends GroupOwnedError {
  override readonly hint: string;

  constructor(id: string, owner: GroupOwner, lock: string) {
    super(id, owner);
    this.hint = `Manage it on ${owner.host}. If that process has ended for certain, remove its lock: rm '${lock}'`;
  }
}
