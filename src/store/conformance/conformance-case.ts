import type { GroupStore } from '../../sdk/group/store/store.ts';

/** One rule of the port, as a test that throws when a store breaks it. */
export interface StoreConformanceCase {
  readonly name: string;
  run(fixture: StoreFixture): Promise<void>;
}

/** What an implementation provides to be tested: an empty store. */
export interface StoreFixture {
  readonly store: GroupStore;
  /** Makes the owner of the group look dead, as after `kill -9`. */
  killOwner(id: string): void;
}
