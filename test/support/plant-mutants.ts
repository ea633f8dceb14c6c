import { Actor, type InspectionEvent, StateMachine } from 'xstate';
import type { RosterPort } from '../../machines/contract.ts';
import { Roster } from '../../src/sdk/group/schedule/roster.ts';
import type { Machine, Mutant } from './mutants.ts';

/** For the exploration: each copy of the roster has the bug. */
export function mutantRoster(mutate: (roster: Roster) => void) {
  return (spec: Roster['spec'], from?: Roster): Roster => {
    const roster = new MutantRoster(spec, from, mutate);
    mutate(roster);
    return roster;
  };
}

class MutantRoster extends Roster {
  readonly #mutate: (roster: Roster) => void;

  constructor(spec: Roster['spec'], from: Roster | undefined, mutate: (roster: Roster) => void) {
    super(spec, from);
    this.#mutate = mutate;
  }

  override writable(): Roster {
    return mutantRoster(this.#mutate)(this.spec, this);
  }
}

/** Plants the bug in the chart and the roster of a group, before its actor enters its first state. */
export const planting =
  ({ chart, roster }: Mutant) =>
  (event: InspectionEvent): void => {
    if (event.type !== '@xstate.actor' || !(event.actorRef instanceof Actor)) return;
    const { logic, options } = event.actorRef;
    if (!(logic instanceof StateMachine) || logic.id !== 'group') return;
    if (chart) Object.assign(logic.implementations, chart(logic as unknown as Machine).implementations);
    const { roster: own } = options.input as { readonly roster: RosterPort };
    if (own instanceof Roster) roster?.(own);
  };
