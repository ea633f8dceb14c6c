import { createActor } from 'xstate';
import type { groupMachine } from '../../machines/group.machine.ts';
import { createGroupMachine } from '../../src/sdk/group/api/create.ts';
import { QuotaGate } from '../../src/sdk/group/schedule/quota-gate.ts';
import { Roster } from '../../src/sdk/group/schedule/roster.ts';
import { memoryProjectGate } from '../../src/sdk/project/project-gate.ts';
import { SimulatedClock } from '../../src/sdk/simulated-clock.ts';
import { type Bench, benchOf, type ConfigInput, definitionOf, type SessionInput } from './bench.ts';
import { WatchedAgent } from './watched-agent.ts';

type Machine = typeof groupMachine;

/** A planted bug, in the chart or in the roster that schedules for it. */
export interface Mutant {
  readonly name: string;
  readonly chart?: (machine: Machine) => Machine;
  /** Changes an instance; called for each copy during the exploration. */
  readonly roster?: (roster: Roster) => void;
}

const override = <K extends keyof Roster>(roster: Roster, key: K, get: () => Roster[K]) =>
  Object.defineProperty(roster, key, { get, configurable: true });
const nothing = () => {};

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'one session too many is admitted',
    roster: roster => {
      const { maxConcurrent } = roster;
      override(roster, 'maxConcurrent', () => maxConcurrent + 1);
    },
  },
  {
    name: 'a group with failures calls itself completed',
    chart: machine =>
      machine.provide({ guards: { succeeded: ({ context }) => context.roster.unsettled === 0 } }),
  },
  {
    name: 'paused is reported while agents still work',
    chart: machine => machine.provide({ guards: { noLiveSession: () => true } }),
  },
  {
    name: 'a pause does not reach the sessions',
    chart: machine => machine.provide({ actions: { pauseAll: nothing } }),
  },
  {
    name: 'sessions are admitted over the budget',
    chart: machine =>
      machine.provide({
        guards: {
          overBudget: () => false,
          canAdmit: ({ context: { roster } }) => roster.ready > 0 && roster.live < roster.maxConcurrent,
        },
      }),
  },
  {
    name: 'a resume wakes no session',
    chart: machine => machine.provide({ actions: { resumeAll: nothing } }),
  },
  {
    name: 'a resume does not forget the failures',
    chart: machine => machine.provide({ actions: { forgetErrors: nothing } }),
  },
  {
    name: 'a group whose sessions are all held keeps running forever',
    chart: machine => machine.provide({ guards: { onlyHeldLeft: () => false } }),
  },
  {
    name: 'a resume of the group wakes sessions that are held',
    roster: roster => {
      const { pausedNotHeld } = roster;
      roster.pausedNotHeld = () => [
        ...pausedNotHeld.call(roster),
        ...roster.actors().filter(id => roster.isResumable(id)),
      ];
    },
  },
  {
    name: 'a session that yields keeps its slot',
    roster: roster => {
      const park = roster.park.bind(roster);
      roster.park = (id, reason) => {
        if (reason !== 'retry') park(id, reason);
      };
    },
  },
];

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

/** A group whose engine has the bug, driven through the public handle with a chart that a host created. */
export async function mutantBench(
  sessions: readonly SessionInput[],
  config: ConfigInput,
  mutant: Mutant,
): Promise<Bench> {
  const clock = new SimulatedClock();
  const agent = new WatchedAgent(clock);
  const quota = new QuotaGate(clock, () => 0);
  const { machine, input, group } = await createGroupMachine(definitionOf(sessions, config), {
    clock,
    quota,
    projects: memoryProjectGate(),
    agents: { scripted: agent },
    env: {},
  });
  const { roster } = input();
  if (roster instanceof Roster) mutant.roster?.(roster);
  const actor = createActor(mutant.chart?.(machine as unknown as Machine) ?? machine, {
    input: { roster },
    clock: {
      setTimeout: (fn, ms) => clock.setTimeout(fn, ms),
      clearTimeout: timer => clock.clearTimeout(timer),
    },
  });
  actor.subscribe({ error: nothing });
  actor.start();
  return benchOf(group, { clock, agent, quota });
}
