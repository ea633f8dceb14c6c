import { type Clock, systemClock } from '../../clock.ts';
import {
  catchLater,
  isPromised,
  SessionGroupsError,
  shielded,
  textOfThrown,
  unusable,
} from '../../errors.ts';
import type { ProjectHolder } from '../../project/project-gate.ts';
import type { ProjectPlaces } from '../engine/group-state.ts';
import { storeFailure } from '../journal/buffered-records.ts';
import { answerInTime } from '../journal/records-in-flight.ts';
import { attempt, warnOnce } from '../journal/streams/safe-observable.ts';
import type { AccountGate } from '../schedule/quota-gate.ts';

/*
 * What a host provides may throw, at once or in a promise, or answer what is no answer; a group must come to rest all the
 * same.
 *
 * SHIELD-1 no call of a host's part that the group makes on its own, from a timer or a microtask, throws: nothing there
 *    could catch it, and it would end the host's process. Nor does any leave a rejection unhandled.
 * SHIELD-2 a part without which the group cannot go on (a store, a place in a project) is a typed error for whoever waits;
 *    the others are replaced, with one process warning each.
 * SHIELD-3 what a part answers is checked here, once: behind the shield, times are times.
 */

type IsValid<T> = (answer: T) => boolean;

/** Asks the host's part; what stands in where it throws or answers something else. */
const orElse =
  (warn: (reason: unknown) => void) =>
  <T>(name: string, ask: () => T, isValid: IsValid<T>, otherwise: () => T): T => {
    try {
      const answer = ask();
      if (isValid(answer)) return answer;
      catchLater(answer, warn);
      warn(unusable(name, answer));
    } catch (reason) {
      warn(reason);
    }
    return otherwise();
  };

/** @throws what the part throws, or an error that names the part if its answer is none. */
function validAnswer<T>(name: string, ask: () => T, isValid: IsValid<T>): T {
  const answer = ask();
  if (isValid(answer)) return answer;
  catchLater(answer, () => {});
  throw unusable(name, answer);
}

/** Asks a part that nothing can stand in for. @throws SessionGroupsError that names it. */
function required<T>(part: string, name: string, ask: () => T, isValid: IsValid<T>): T {
  try {
    return validAnswer(name, ask, isValid);
  } catch (reason) {
    throw new SessionGroupsError('internal_error', `${part} failed: ${textOfThrown(reason)}`, {
      cause: reason,
    });
  }
}

/** What a Date can hold. */
const isTime = (answer: unknown): boolean => typeof answer === 'number' && Math.abs(answer) <= 8.64e15;
const isAtOnce = (answer: unknown): boolean => !isPromised(answer);

const clocks = new WeakMap<Clock, Clock>();

/** A clock that never throws: where the host's fails, the system's stands in. The same one for each clock. */
export function shieldedClock(clock: Clock): Clock {
  if (clock === systemClock) return clock;
  const known = clocks.get(clock) ?? withShield(clock);
  clocks.set(clock, known).set(known, known);
  return known;
}

/**
 * A clock that fails goes on from where it was, at the system's pace, rather than jumping to another clock's time: nothing
 * is late by that, and nothing is early.
 */
function goingOn(first: () => number) {
  let last: number | undefined;
  let at = systemClock.monotonic();
  return {
    saw(answer: number): number {
      if (isTime(answer)) [last, at] = [answer, systemClock.monotonic()];
      return answer;
    },
    now: (): number => (last === undefined ? first() : last + systemClock.monotonic() - at),
  };
}

function withShield(clock: Clock): Clock {
  const warn = warnOnce('the clock');
  const or = orElse(warn);
  const [wall, monotonic] = [goingOn(systemClock.now), goingOn(systemClock.monotonic)];
  /** Timers of the system's clock; the host's clock knows nothing of them. */
  const own = new Set<unknown>();
  return {
    now: () => or('now()', () => wall.saw(clock.now()), isTime, wall.now),
    monotonic: () =>
      or('monotonic()', () => monotonic.saw(clock.monotonic()), Number.isFinite, monotonic.now),
    setTimeout: (fn, delayMs) =>
      or<unknown>(
        'setTimeout()',
        () => clock.setTimeout(fn, delayMs),
        isAtOnce,
        () => {
          const timer = systemClock.setTimeout(fn, delayMs);
          own.add(timer);
          return timer;
        },
      ),
    clearTimeout(timer) {
      if (own.delete(timer)) systemClock.clearTimeout(timer);
      else attempt(() => clock.clearTimeout(timer), warn);
    },
  };
}

const PROJECTS = 'the gate of projects';

/** A place that cannot be left, or listened to no more, keeps no group from going on. */
export function shieldedProjects(projects: ProjectPlaces): ProjectPlaces {
  const warn = warnOnce(PROJECTS);
  return {
    tryEnter: (project, limit, holder) =>
      required(
        PROJECTS,
        'tryEnter()',
        () => projects.tryEnter(project, limit, holder),
        answer => typeof answer === 'boolean',
      ),
    leave: (project, holder) => attempt(() => projects.leave(project, holder), warn),
    onFreed(listener) {
      const off = required(PROJECTS, 'onFreed()', () => projects.onFreed(listener), isAtOnce);
      return () => attempt(off, warn);
    },
    // What people are told is not worth more than a warning.
    holders(project) {
      let holders: readonly ProjectHolder[] = [];
      attempt(() => {
        holders = projects.holders?.(project) ?? [];
      }, warn);
      return holders;
    },
    mark: (holder, waitsFor) => attempt(() => projects.mark?.(holder, waitsFor), warn),
  };
}

/** How long an account stays closed whose gate could not be closed. */
const CLOSED_MS = 60_000;

/** Where the gate fails, the account is open, and a session that was limited waits all the same. */
export function shieldedQuota(gate: AccountGate, clock: Clock): AccountGate {
  const warn = warnOnce('the quota gate');
  const or = orElse(warn);
  return {
    close: (account, resetAt) =>
      or(
        'close()',
        () => gate.close(account, resetAt),
        isTime,
        () => Math.max(resetAt ?? 0, clock.now() + CLOSED_MS),
      ),
    keepClosed: (account, until) => attempt(() => gate.keepClosed(account, until), warn),
    closedUntil: account =>
      or<number | undefined>(
        'closedUntil()',
        () => gate.closedUntil(account),
        answer => answer === undefined || isTime(answer),
        () => undefined,
      ),
    answered: account => attempt(() => gate.answered(account), warn),
    onClose(listener) {
      const off = or(
        'onClose()',
        () => gate.onClose(listener),
        isAtOnce,
        () => () => {},
      );
      return () => attempt(off, warn);
    },
  };
}

/** For what a store answers. @throws an error with a code, whoever wrote the store. */
export function kept<T>(name: string, call: () => T): T {
  try {
    return validAnswer(name, call, isAtOnce);
  } catch (reason) {
    throw storeFailure(reason);
  }
}

/** For what a store may answer later. @throws an error with a code, or rejects with it. */
export function keptLater<T>(clock: Clock, call: () => T | Promise<T>): T | Promise<T> {
  try {
    const answer = call();
    if (!isPromised(answer)) return answer;
    return answerInTime(clock, answer).catch(reason => {
      throw storeFailure(reason);
    });
  } catch (reason) {
    throw storeFailure(reason);
  }
}

/** For what a store does as well as it can. What it answers later is waited for, but not for ever. */
export function bestEffort(
  clock: Clock,
  call: () => unknown,
  warn: (reason: unknown) => void,
): Promise<void> | undefined {
  const answer = shielded(call, warn);
  if (!isPromised(answer)) return undefined;
  return answerInTime(clock, answer).then(
    () => {},
    reason => warn(reason),
  );
}

/** What a part of the host threw, as an error with a code. */
export function typedError(reason: unknown): SessionGroupsError {
  if (reason instanceof SessionGroupsError) return reason;
  return new SessionGroupsError('internal_error', `the group cannot be set up: ${textOfThrown(reason)}`, {
    cause: reason,
  });
}
