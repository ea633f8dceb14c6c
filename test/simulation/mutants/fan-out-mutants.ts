import { Redefiner } from '../../../src/sdk/group/engine/redefiner.ts';
import { HostRequests } from '../../../src/sdk/group/engine/requests/host-requests.ts';
import { ProgressAggregator } from '../../../src/sdk/group/progress-aggregator.ts';
import { type Mutant, replaced } from './mutant.ts';

/** Planted in sessions that are there for each value of a list. */
export const FAN_OUT_MUTANTS: readonly Mutant[] = [
  {
    name: 'the name of a fan-out stands for its first session only',
    seed: 30,
    patch: () =>
      replaced(
        HostRequests.prototype,
        'named',
        real =>
          function (this: HostRequests, words) {
            return words && real.call(this, words)?.slice(0, words.length);
          },
      ),
  },
  {
    name: 'who reads a fan-out is told that what has failed is completed',
    seed: 265,
    patch: () =>
      replaced(
        ProgressAggregator.prototype,
        'sessionProgress',
        real =>
          function (this: ProgressAggregator, id) {
            const progress = real.call(this, id);
            return progress?.status === 'failed' ? { ...progress, status: 'completed' } : progress;
          },
      ),
  },
  {
    name: 'an update gives the id of a value that stays to a newcomer',
    patch: () =>
      replaced(
        Redefiner.prototype,
        'redefine',
        real =>
          function (this: Redefiner, next, dryRun) {
            const { sessions } = next.definition;
            const [one, other] = sessions
              .filter(({ id }) => /web-app/.test(id))
              .map(({ forEach }) => forEach);
            const swapped = sessions.map(session => {
              if (one === undefined || other === undefined) return session;
              if (session.forEach === one) return { ...session, forEach: other };
              return session.forEach === other ? { ...session, forEach: one } : session;
            });
            const definition = { ...next.definition, sessions: swapped };
            return real.call(this, { ...next, definition }, dryRun);
          },
      ),
  },
];
