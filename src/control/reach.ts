import { type Clock, sleep, systemClock } from '../sdk/clock.ts';
import type { ThrownCode } from '../sdk/error-codes.ts';
import { RefusedError, SessionGroupsError } from '../sdk/errors.ts';
import { foldOf } from '../sdk/group/standing/saved-group.ts';
import {
  GroupOwnedError,
  type GroupOwner,
  type StoredGroup,
  type TakeOptions,
} from '../sdk/group/store/store.ts';
import { type LostRequest, trackRequests } from './lost-request.ts';
import type { ControlClient } from './wire/client.ts';
import {
  isNotAnswering,
  OWNER_LEAVING,
  OwnerGoneError,
  ownerNotAnswering,
  ownerSuspended,
} from './wire/failure.ts';

/** Access to the owners of groups. */
export interface Owners {
  /**
   * A client for the group's live owner; undefined if there is none, or it does not listen.
   * @throws OwnerGoneError when it has just gone.
   */
  ownerOf(stored: StoredGroup): Promise<ControlClient> | undefined;
}

/** Owners in other processes, reached by their addresses. */
export const ownersAt = (connect: (address: string) => Promise<ControlClient>): Owners => ({
  ownerOf: stored => {
    const { owner } = stored;
    return owner?.alive !== true || owner.address === undefined
      ? undefined
      : namingOwner(connect(owner.address), stored.group.id, owner);
  },
});

/** Names the process in the error of an owner that does not answer. */
async function namingOwner(
  connecting: Promise<ControlClient>,
  groupId: string,
  { pid, host }: GroupOwner,
): Promise<ControlClient> {
  const client = await connecting;
  return {
    ...client,
    async request(method, params, options) {
      try {
        return await client.request(method, params, options);
      } catch (error) {
        throw isNotAnswering(error) ? ownerNotAnswering({ groupId, pid, host }) : error;
      }
    },
  };
}

/** How to find a group and its owner. */
export interface Reach extends Owners, TakeOptions {
  /** The group as it is stored now. */
  find(): Promise<StoredGroup>;
  /** Nothing is asked of the owner: it is reached also while it is suspended. Default: false. */
  readonly observing?: boolean;
  /** Default: the system clock. */
  readonly clock?: Clock;
}

/** What to do with a group, depending on whether it has a live owner. */
export interface Ways<T> {
  /** A live process owns the group and listens. */
  owned(client: ControlClient, stored: StoredGroup): Promise<T>;
  /** No live process owns it: it can be taken over. */
  free(stored: StoredGroup): Promise<T>;
  /**
   * The owner died before it answered, and the request is in effect in the journal. Undefined: it takes more to say that
   * it is done, so it is tried again. Default: that.
   */
  applied?(stored: StoredGroup): Promise<T | undefined>;
}

/** How long to wait for a process that has just taken the group over or is about to release it. */
const TIMEOUT_MS = 5_000;
const RETRY_MS = 50;

/**
 * Calls the way that fits; tries again if the owner releases the group or dies meanwhile, or another process takes it
 * over first.
 *
 * REACH-1 a refusal is an answer to the request as it was sent. What is refused because its owner died in the middle of
 *    it is accepted if the journal has it, and otherwise `owner_gone`.
 * REACH-2 a suspended owner is asked for nothing: that is refused at once, and not carried out once it goes on (CLIENT-1).
 *
 * @throws GroupOwnedError if the owner does not listen; OwnerGoneError; RefusedError `owner_not_answering`.
 */
export async function reachGroup<T>(
  { find, ownerOf, observing = false, takeOver = false, clock = systemClock }: Reach,
  ways: Ways<T>,
): Promise<T> {
  let deadline = clock.monotonic() + TIMEOUT_MS;
  let lost: LostRequest | undefined;
  for (;;) {
    const stored = await find();
    try {
      const applied = lost && (await lost.isInEffect(stored)) ? await ways.applied?.(stored) : undefined;
      if (applied !== undefined) return applied;
      const { owner } = stored;
      if (owner?.alive !== true) return await ways.free(stored);
      if (owner.unchecked && takeOver) {
        return await ways.free({ ...stored, owner: { ...owner, alive: false } });
      }
      if (!observing) refuseSuspended(stored, clock);
      const connecting = ownerOf(stored);
      if (connecting === undefined) throw new GroupOwnedError(stored.group.id, owner);
      const client = trackRequests(await connecting, stored);
      const askedAt = clock.monotonic();
      try {
        return await ways.owned(client, stored);
      } finally {
        // An owner that was reached may have taken any time to answer, or to leave.
        deadline += clock.monotonic() - askedAt;
        lost ??= client.lost;
        client.close();
      }
    } catch (error) {
      if (isNotAnswering(error)) refuseSuspended(await find(), clock); // it may have been suspended meanwhile
      if (!isTransient(error)) throw lost && error instanceof RefusedError ? ownerGone(stored, error) : error;
      if (stored.owner?.unchecked || clock.monotonic() > deadline) throw unreachable(error, stored);
      await sleep(clock, RETRY_MS);
    }
  }
}

/** @throws RefusedError `owner_not_answering` if the group's owner is suspended. */
export function refuseSuspended(stored: StoredGroup, clock: Clock): void {
  const refusal = suspendedRefusal(stored, clock);
  if (refusal) throw refusal;
}

/** What any request is refused with while the group's owner is suspended: since when, and how it goes on; else undefined. */
export function suspendedRefusal(stored: StoredGroup, clock: Clock): RefusedError | undefined {
  const { group, owner } = stored;
  if (!owner?.suspended) return undefined;
  const { pid, host } = owner;
  return ownerSuspended({ groupId: group.id, pid, host }, foldOf(stored).suspendedAt, clock.now());
}

/**
 * For what takes the group over by itself, and asks its owner for nothing (REACH-2).
 * @param read the group as it is stored now.
 * @throws what `taking` throws; RefusedError `owner_not_answering` in place of a GroupOwnedError whose owner is suspended.
 */
export async function takingOver<T>(
  taking: Promise<T>,
  read: () => Promise<StoredGroup>,
  clock: Clock = systemClock,
): Promise<T> {
  try {
    return await taking;
  } catch (error) {
    const stored =
      error instanceof GroupOwnedError && error.owner.suspended
        ? await read().catch(() => undefined)
        : undefined;
    if (stored) refuseSuspended(stored, clock);
    throw error;
  }
}

/** Whether the error is about a moment of transition, so that reading the group again can help. */
export function isTransient(error: unknown): boolean {
  if (error instanceof RefusedError) return error.code === OWNER_LEAVING;
  if (error instanceof GroupOwnedError) return error.owner.unchecked !== true;
  return error instanceof SessionGroupsError && TRANSIENT.has(error.code);
}

const TRANSIENT: ReadonlySet<ThrownCode> = new Set<ThrownCode>(['owner_gone', 'address_in_use']);

const ownerGone = ({ group: { id } }: StoredGroup, cause: unknown): OwnerGoneError =>
  new OwnerGoneError(
    `the process that ran ${id} has exited before it had carried out the request`,
    cause,
    id,
  );

function unreachable(error: unknown, { group, owner }: StoredGroup): unknown {
  if (owner === undefined || error instanceof GroupOwnedError) return error;
  return new GroupOwnedError(group.id, owner);
}
