import { type Clock, systemClock } from '../../clock.ts';
import { SessionGroupsError, textOfThrown } from '../../errors.ts';
import type { ProjectPlaces } from '../engine/group-state.ts';
import { attempt, warnOnce } from '../journal/safe-observable.ts';
import type { AccountGate } from '../schedule/quota-gate.ts';

/*
 * What a host provides may throw, and a group must come to rest all the same.
 *
 * SHIELD-1 no call of a host's part that the group makes on its own, from a timer or a microtask, throws: nothing there
 *    could catch it, and it would end the host's process.
 * SHIELD-2 a part without which the group cannot go on (a store, a place in a project) is a typed error for whoever waits;
 *    the others are replaced, with one process warning each.
 */

/** Calls the host's part; what stands in where it throws. */
const orElse =
  (warn: (reason: unknown) => void) =>
  <T>(call: () => T, otherwise: () => T): T => {
    try {
      return call();
    } catch (reason) {
      warn(reason);
      return otherwise();
    }
  };

/** A clock that never throws: where the host's does, the system's stands in. */
export function shieldedClock(clock: Clock): Clock {
  if (clock === systemClock) return clock;
  const or = orElse(warnOnce('the clock'));
  let [now, monotonic] = [0, 0];
  /** Timers of the system's clock; the host's clock knows nothing of them. */
  const own = new Set<unknown>();
  return {
    now: () =>
      (now = or(
        () => clock.now(),
        () => now || systemClock.now(),
      )),
    // It stands still rather than jumping to another clock's zero: nothing is late by it, and nothing is early.
    monotonic: () =>
      (monotonic = or(
        () => clock.monotonic(),
        () => monotonic,
      )),
    setTimeout: (fn, delayMs) =>
      or(
        () => clock.setTimeout(fn, delayMs),
        () => {
          const timer = systemClock.setTimeout(fn, delayMs);
          own.add(timer);
          return timer;
        },
      ),
    clearTimeout(timer) {
      if (own.delete(timer)) systemClock.clearTimeout(timer);
      else
        or(
          () => clock.clearTimeout(timer),
          () => {},
        );
    },
  };
}

/** A place that cannot be left, or listened to no more, keeps no group from going on. */
export function shieldedProjects(projects: ProjectPlaces): ProjectPlaces {
  const warn = warnOnce('the gate of projects');
  return {
    tryEnter: (project, limit, holder) => projects.tryEnter(project, limit, holder),
    leave: (project, holder) => attempt(() => projects.leave(project, holder), warn),
    onFreed(listener) {
      const off = projects.onFreed(listener);
      return () => attempt(off, warn);
    },
  };
}

/** How long an account stays closed whose gate could not be closed. */
const CLOSED_MS = 60_000;

/** Where the gate throws, the account is open, and a session that was limited waits all the same. */
export function shieldedQuota(gate: AccountGate, clock: Clock): AccountGate {
  const or = orElse(warnOnce('the quota gate'));
  return {
    close: (account, resetAt) =>
      or(
        () => gate.close(account, resetAt),
        () => Math.max(resetAt ?? 0, clock.now() + CLOSED_MS),
      ),
    keepClosed: (account, until) =>
      or(
        () => gate.keepClosed(account, until),
        () => {},
      ),
    closedUntil: account =>
      or(
        () => gate.closedUntil(account),
        () => undefined,
      ),
    answered: account =>
      or(
        () => gate.answered(account),
        () => {},
      ),
    onClose(listener) {
      const off = or(
        () => gate.onClose(listener),
        () => () => {},
      );
      return () => or(off, () => {});
    },
  };
}

/** What a part of the host threw, as an error with a code. */
export function typedError(reason: unknown): SessionGroupsError {
  if (reason instanceof SessionGroupsError) return reason;
  return new SessionGroupsError('internal_error', `the group cannot be set up: ${textOfThrown(reason)}`, {
    cause: reason,
  });
}
