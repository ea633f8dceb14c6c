import { Actor, type InspectionEvent, StateMachine } from 'xstate';
import type { groupMachine } from '../../../machines/group.machine.ts';
import type { sessionMachine } from '../../../machines/session.machine.ts';
import { Roster } from '../../../src/sdk/group/schedule/roster.ts';

/** A fault planted in the engine, to find out whether the simulation finds it. */
export interface Mutant {
  readonly name: string;
  /** The seed with which a test begins its search; default: the first. */
  readonly seed?: number;
  readonly group?: (machine: typeof groupMachine) => typeof groupMachine;
  readonly session?: (machine: typeof sessionMachine) => typeof sessionMachine;
  /** Changes a group's roster before its actor starts. */
  readonly roster?: (roster: Roster) => void;
  /** Changes classes of the engine; returns what changes them back. */
  readonly patch?: () => () => void;
}

/** Receives XState's inspection events of a group that is to have the fault. */
export const planting =
  ({ group, session, roster }: Mutant) =>
  (event: InspectionEvent): void => {
    if (event.type !== '@xstate.actor' || !(event.actorRef instanceof Actor)) return;
    const { logic, options } = event.actorRef;
    if (!(logic instanceof StateMachine)) return;
    if (logic.id === 'session' && session) {
      Object.assign(logic.implementations, session(logic as never).implementations);
    }
    if (logic.id !== 'group') return;
    if (group) Object.assign(logic.implementations, group(logic as never).implementations);
    const { roster: own } = options.input as { readonly roster: unknown };
    if (own instanceof Roster) roster?.(own);
  };

/** Replaces a method for as long as the mutant lives. */
export function replaced<T extends object, K extends keyof T>(
  target: T,
  name: K,
  by: (real: T[K]) => T[K],
): () => void {
  const real = target[name];
  target[name] = by(real);
  return () => {
    target[name] = real;
  };
}

/** The same for a getter. */
export function overridden<T extends object, K extends keyof T>(
  target: T,
  name: K,
  get: (this: T, real: T[K]) => T[K],
): () => void {
  const before = Object.getOwnPropertyDescriptor(target, name);
  Object.defineProperty(target, name, {
    configurable: true,
    get(this: T) {
      return get.call(this, before?.get ? before.get.call(this) : (before?.value as T[K]));
    },
  });
  return () => {
    if (before) Object.defineProperty(target, name, before);
    else Reflect.deleteProperty(target, name);
  };
}
