import type { GroupStore } from '../../sdk/group/store/store.ts';

/** One rule of the port, as a test that throws when a store breaks it. */
export interface StoreConformanceCase {
  readonly name: string;
  run(fixture: StoreFixture): Promise<void>;
}

/** What an implementation provides to be tested: an empty store. What it provides may be asynchronous. */
export interface StoreFixture {
  readonly store: GroupStore;
  /**
   * Makes the owner of the group look dead, as after `kill -9`: what it had not yet written when this has resolved is
   * never written.
   */
  killOwner(id: string): void | Promise<void>;
  /** The same groups, as another process finds them. Default: `store` again. */
  reopen?(): GroupStore | Promise<GroupStore>;
  /**
   * Makes the journal of the group refuse the next record that is appended, as on a full disk; once. Default: the cases
   * about refused records are left out.
   */
  refuseNext?(id: string): void | Promise<void>;
  /** Called after the case. */
  cleanup?(): void | Promise<void>;
}
