import type { RosterPort } from '../../machines/contract.ts';
import type { groupMachine } from '../../machines/group.machine.ts';
import { overBudget } from '../../machines/group-guards.ts';
import type { Roster } from '../../src/sdk/group/schedule/roster.ts';

export type Machine = typeof groupMachine;

export const METHODS = ['exploration', 'scenarios', 'random groups'] as const;
export type Method = (typeof METHODS)[number];

/** A planted bug, in the chart or in the roster that schedules for it. */
export interface Mutant {
  readonly name: string;
  /** What finds it. */
  readonly by: readonly Method[];
  readonly chart?: (machine: Machine) => Machine;
  /** Changes an instance; called for each copy during the exploration. */
  readonly roster?: (roster: Roster) => void;
}

const override = <K extends keyof Roster>(roster: Roster, key: K, get: () => Roster[K]) =>
  Object.defineProperty(roster, key, { get, configurable: true });
const nothing = () => {};
const isSlotFree = (roster: RosterPort) => roster.ready > 0 && roster.live < roster.maxConcurrent;

/** From then on, a skip does not reach who waits for the skipped. */
export function loseCascade(roster: Roster): void {
  const skip = roster.skip.bind(roster);
  roster.skip = id => {
    const node = roster.spec.graph.node(id);
    const { dependents = [] } = node ?? {};
    Object.assign(node ?? {}, { dependents: [] });
    skip(id);
    Object.assign(node ?? {}, { dependents });
  };
}

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'one session too many is admitted',
    by: ['exploration', 'scenarios', 'random groups'],
    roster: roster => {
      const { maxConcurrent } = roster;
      override(roster, 'maxConcurrent', () => maxConcurrent + 1);
    },
  },
  {
    name: 'a group with failures calls itself completed',
    by: ['exploration', 'scenarios', 'random groups'],
    chart: machine =>
      machine.provide({ guards: { succeeded: ({ context }) => context.roster.unsettled === 0 } }),
  },
  {
    name: 'paused is reported while agents still work',
    by: ['exploration', 'scenarios', 'random groups'],
    chart: machine => machine.provide({ guards: { noneLive: () => true } }),
  },
  {
    name: 'a pause does not reach the sessions',
    by: ['exploration', 'scenarios', 'random groups'],
    chart: machine => machine.provide({ actions: { pauseAll: nothing } }),
  },
  {
    name: 'sessions are admitted over the budget',
    by: ['exploration'],
    chart: machine =>
      machine.provide({
        guards: {
          overBudget: () => false,
          canStart: ({ context: { roster } }) =>
            isSlotFree(roster) && roster.undecided === 0 && roster.nextIsFresh,
          canAdmit: ({ context: { roster } }) => isSlotFree(roster) && roster.undecided === 0,
        },
      }),
  },
  {
    name: 'a resume wakes no session',
    by: ['exploration', 'scenarios', 'random groups'],
    chart: machine => machine.provide({ actions: { resumeAll: nothing } }),
  },
  {
    name: 'a resume does not forget the failures',
    by: ['scenarios', 'random groups'],
    chart: machine => machine.provide({ actions: { forgetErrors: nothing } }),
  },
  {
    name: 'a group whose sessions are all held keeps running forever',
    by: ['exploration', 'scenarios', 'random groups'],
    chart: machine => machine.provide({ guards: { onlyHeldLeft: () => false } }),
  },
  {
    name: 'a resume of the group wakes sessions that are held',
    by: ['exploration'],
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
    by: ['exploration', 'random groups'],
    roster: roster => {
      const park = roster.park.bind(roster);
      roster.park = (id, reason) => {
        if (reason !== 'retry') park(id, reason);
      };
    },
  },
  {
    name: 'a violated dependency is taken for satisfied',
    by: ['exploration', 'scenarios', 'random groups'],
    chart: machine =>
      machine.provide({
        guards: { dependencySatisfied: ({ event }) => event.type === 'dependency.settled' },
      }),
  },
  {
    name: 'dependencies are never judged',
    by: ['exploration', 'scenarios', 'random groups'],
    chart: machine => machine.provide({ actions: { raiseDependents: nothing } }),
  },
  {
    name: 'a skip does not reach who waits for the skipped',
    by: ['exploration', 'scenarios'],
    roster: loseCascade,
  },
  {
    name: 'a session starts before all that has settled is judged',
    by: ['scenarios'],
    chart: machine =>
      machine.provide({
        guards: {
          canStart: args =>
            isSlotFree(args.context.roster) && !overBudget(args) && args.context.roster.nextIsFresh,
          canAdmit: args => isSlotFree(args.context.roster) && !overBudget(args),
        },
      }),
  },
  {
    name: 'paused is reported before what is skipped',
    by: ['scenarios'],
    chart: machine => machine.provide({ guards: { noneLive: ({ context }) => context.roster.live === 0 } }),
  },
  {
    name: 'a group with a held session pauses before it has judged who waits',
    by: ['scenarios'],
    chart: machine =>
      machine.provide({ guards: { onlyHeldLeft: ({ context }) => context.roster.onlyHeldLeft } }),
  },
  {
    name: 'a resume over the budget is accepted',
    by: ['scenarios'],
    chart: machine => machine.provide({ guards: { budgetStillExhausted: () => false } }),
  },
  {
    name: 'a stop does not reach the sessions',
    by: ['exploration', 'scenarios', 'random groups'],
    chart: machine => machine.provide({ actions: { stopAll: nothing } }),
  },
  {
    name: 'a stop skips nothing',
    by: ['exploration', 'scenarios', 'random groups'],
    chart: machine => machine.provide({ actions: { skipWaiting: nothing } }),
  },
  {
    name: 'a retry opens nothing again',
    by: ['scenarios'],
    chart: machine => machine.provide({ actions: { reopen: nothing } }),
  },
  {
    name: 'what was in play before a crash is not queued again',
    by: ['exploration', 'scenarios', 'random groups'],
    chart: machine => machine.provide({ actions: { requeueActorless: nothing } }),
  },
  {
    name: 'what was in play before a crash is not stopped',
    by: ['exploration', 'scenarios', 'random groups'],
    chart: machine => machine.provide({ actions: { settleActorless: nothing } }),
  },
  {
    name: 'what was in play before a crash stays queued in a group that pauses',
    by: ['scenarios'],
    chart: machine => machine.provide({ actions: { pauseActorless: nothing } }),
  },
  {
    name: 'a resume after a crash wakes who is held',
    by: ['exploration', 'scenarios'],
    roster: roster => {
      roster.requeueActorless = () => {
        for (const { id } of roster.spec.graph.nodes) {
          if (roster.isInPlay(id) && !roster.hasActor(id)) roster.requeue(id);
        }
      };
    },
  },
  {
    name: 'a held session without an actor is told instead of queued',
    by: ['exploration', 'scenarios'],
    chart: machine => machine.provide({ guards: { resumableActorless: () => false } }),
  },
  {
    name: 'who is held before it starts is told so, though it has no actor',
    by: ['exploration'],
    chart: machine => machine.provide({ guards: { pausableActorless: () => false } }),
  },
  {
    name: 'a stop that a crash interrupted is taken for a run',
    by: ['scenarios', 'random groups'],
    chart: machine =>
      machine.provide({
        guards: {
          wasStopping: () => false,
          wasRunning: ({ context: { roster } }) =>
            roster.restored === 'running' || roster.restored === 'stopping',
        },
      }),
  },
  {
    name: 'a run that a crash interrupted is taken for a new group',
    by: ['exploration', 'scenarios', 'random groups'],
    chart: machine => machine.provide({ guards: { wasRunning: () => false } }),
  },
  {
    name: 'a group completes before what was merged is delivered',
    by: ['exploration'],
    chart: machine =>
      machine.provide({
        guards: {
          succeeded: ({ context: { roster } }) =>
            roster.unsettled === 0 && !roster.unwritten && roster.unsuccessful === 0,
        },
      }),
  },
  {
    name: 'a group that has failed delivers by itself',
    by: ['exploration'],
    chart: machine =>
      machine.provide({
        guards: {
          deliverable: ({ context: { roster } }) =>
            roster.unsettled === 0 && roster.deliveryPending && !roster.delivering,
        },
      }),
  },
  {
    name: 'a group that had failed has completed once it has delivered',
    by: ['exploration'],
    chart: machine => machine.provide({ guards: { hadCompleted: () => true } }),
  },
  {
    name: 'a delivery that is cut off is still asked for',
    by: ['exploration'],
    roster: roster => {
      const deliveryEnded = roster.deliveryEnded.bind(roster);
      roster.deliveryEnded = delivered => {
        const { askedInto } = roster;
        deliveryEnded(delivered);
        if (!delivered) roster.askedInto = askedInto;
      };
    },
  },
  {
    name: 'two sessions merge at a time',
    by: ['exploration'],
    roster: roster => {
      let asked: string | undefined;
      const queueMerge = roster.queueMerge.bind(roster);
      roster.queueMerge = id => {
        asked = id;
        queueMerge(id);
      };
      roster.takeMergeTurn = () => asked;
    },
  },
  {
    name: 'nobody is told that its turn to merge has come',
    by: ['exploration'],
    chart: machine => machine.provide({ actions: { grantMerge: nothing } }),
  },
];
