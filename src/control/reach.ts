import { hostname } from 'node:os';
import { type Clock, sleep, systemClock } from '../sdk/clock.ts';
import type { ThrownCode } from '../sdk/error-codes.ts';
import { RefusedError, SessionGroupsError } from '../sdk/errors.ts';
import { GroupOwnedError, type GroupOwner, type StoredGroup } from '../sdk/group/store/store.ts';
import type { ControlClient } from './wire/client.ts';
import { OWNER_LEAVING, OWNER_NOT_ANSWERING, ownerNotAnswering } from './wire/failure.ts';

/** How the owner of a group is asked. */
export interface Owners {
  /**
   * Its live owner, to be asked; undefined where there is none, or it does not listen.
   * @throws OwnerGoneError when it has just gone.
   */
  ownerOf(stored: StoredGroup): Promise<ControlClient> | undefined;
}

/** Owners are other processes, each with an address. */
export const ownersAt = (connect: (address: string) => Promise<ControlClient>): Owners => ({
  ownerOf: stored => {
    const { owner } = stored;
    return owner?.alive !== true || owner.address === undefined
      ? undefined
      : named(connect(owner.address), stored.group.id, owner);
  },
});

/** Says of an owner that does not answer which process that is. */
async function named(
  connected: Promise<ControlClient>,
  groupId: string,
  { pid, host }: GroupOwner,
): Promise<ControlClient> {
  const client = await connected;
  return {
    ...client,
    async request(method, params, options) {
      try {
        return await client.request(method, params, options);
      } catch (error) {
        const silent = error instanceof RefusedError && error.code === OWNER_NOT_ANSWERING;
        throw silent ? ownerNotAnswering({ groupId, pid, host }) : error;
      }
    },
  };
}

/** Where a group is looked for, and how its owner is asked. */
export interface Reach extends Owners {
  /** The group as it is kept by now. */
  find(): Promise<StoredGroup>;
  /** Default: the system clock. */
  readonly clock?: Clock;
}

/** What to do with a group, depending on whether somebody runs it. */
export interface Ways<T> {
  /** A live process owns it and listens. */
  owned(client: ControlClient, stored: StoredGroup): Promise<T>;
  /** Nobody does: it may be taken. */
  free(stored: StoredGroup): Promise<T>;
}

/** A process that has just taken a group, or is about to leave it, is given this long. */
const PATIENCE_MS = 5_000;
const PAUSE_MS = 50;

/**
 * Goes the way that fits, again when the owner leaves or dies meanwhile, or somebody else takes the group first.
 * @throws GroupOwnedError when its owner does not listen.
 */
export async function reachGroup<T>(
  { find, ownerOf, clock = systemClock }: Reach,
  ways: Ways<T>,
): Promise<T> {
  const deadline = clock.monotonic() + PATIENCE_MS;
  for (;;) {
    const stored = await find();
    try {
      const { owner } = stored;
      if (owner?.alive !== true) return await ways.free(stored);
      const asked = ownerOf(stored);
      if (asked === undefined) throw new GroupOwnedError(stored.group.id, owner);
      const client = await asked;
      try {
        return await ways.owned(client, stored);
      } finally {
        client.close();
      }
    } catch (error) {
      if (!isPassing(error)) throw error;
      if (clock.monotonic() > deadline) throw unreachable(error, stored);
      await sleep(clock, PAUSE_MS);
    }
  }
}

/** Of such errors the next look at the group may know more. */
export function isPassing(error: unknown): boolean {
  if (error instanceof RefusedError) return error.code === OWNER_LEAVING;
  if (error instanceof GroupOwnedError) return error.owner.host === hostname();
  return error instanceof SessionGroupsError && PASSING.has(error.code);
}

const PASSING: ReadonlySet<ThrownCode> = new Set<ThrownCode>(['owner_gone', 'address_in_use']);

function unreachable(error: unknown, { group, owner }: StoredGroup): unknown {
  if (owner === undefined || error instanceof GroupOwnedError) return error;
  return new GroupOwnedError(group.id, owner);
}
