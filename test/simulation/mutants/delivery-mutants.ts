import { NO_CORRECTIONS } from '../../../machines/vocabulary.ts';
import { Recorder } from '../../../src/sdk/group/engine/recorder.ts';
import { GroupManager } from '../../../src/sdk/group/manager.ts';
import { MergeTurns } from '../../../src/sdk/group/schedule/merge-turns.ts';
import { Roster } from '../../../src/sdk/group/schedule/roster.ts';
import { TreePlace } from '../../../src/sdk/group/tree/tree-place.ts';
import { TreeWork } from '../../../src/sdk/group/tree/tree-work.ts';
import type { SessionGroupInput } from '../../../src/sdk/group/types.ts';
import { type Mutant, overridden, replaced } from './mutant.ts';

/** Of sessions that work in trees, are checked, and are merged; and of groups that deliver. */
export const DELIVERY_MUTANTS: readonly Mutant[] = [
  {
    name: 'everybody merges at once',
    seed: 35,
    patch: () => {
      let asked: string[] = [];
      const mend = [
        replaced(
          MergeTurns.prototype,
          'want',
          real =>
            function (this: MergeTurns, id) {
              real.call(this, id);
              asked = [...asked, id];
            },
        ),
        replaced(MergeTurns.prototype, 'next', () => () => asked.shift()),
      ];
      return () => {
        for (const one of mend) one();
      };
    },
  },
  {
    name: 'a session is completed without its checks',
    seed: 4,
    session: machine => machine.provide({ guards: { verifies: () => false } }),
  },
  {
    name: 'a session is completed without its merge',
    seed: 31,
    session: machine => machine.provide({ guards: { integrates: () => false } }),
  },
  {
    name: 'what was merged is not checked again',
    seed: 37,
    session: machine => machine.provide({ guards: { mergeToVerify: () => false } }),
  },
  {
    name: 'a red check counts twice',
    seed: 4,
    session: machine =>
      machine.provide({
        guards: {
          correctionsLeft: ({ context: { tree, corrected: { checks, conflicts } = NO_CORRECTIONS } }) =>
            tree !== undefined &&
            checks * 2 + 1 < tree.corrections.checks &&
            conflicts < tree.corrections.conflicts,
        },
      }),
  },
  {
    name: 'a conversation is told for ever of what is red',
    seed: 55,
    session: machine => machine.provide({ guards: { correctionsLeft: () => true } }),
  },
  {
    name: 'an agent that was done does its work again after a pause',
    seed: 21,
    session: machine =>
      machine.provide({
        guards: { savingIsNext: () => false, verifyingIsNext: () => false, stepPending: () => false },
      }),
  },
  {
    name: 'a crash forgets a conflict that was to be resolved',
    seed: 37,
    patch: () =>
      replaced(
        TreeWork.prototype,
        'restore',
        real =>
          function (this: TreeWork, tree) {
            real.call(this, { ...tree, conflict: undefined });
          },
      ),
  },
  {
    name: 'what an attempt leaves in its tree is saved nowhere else',
    seed: 46,
    patch: () => replaced(TreePlace.prototype, 'leave', () => async () => {}),
  },
  {
    name: 'an order is journalled after its effect',
    seed: 13,
    patch: () => {
      let late: Parameters<Recorder['order']>[0][] = [];
      const flush = (recorder: Recorder, order: Recorder['order']): void => {
        const due = late;
        late = [];
        for (const record of due) order.call(recorder, record);
      };
      const { order } = Recorder.prototype;
      const mend = [
        replaced(Recorder.prototype, 'order', () => record => void late.push(record)),
        replaced(
          Recorder.prototype,
          'internal',
          real =>
            function (this: Recorder, record) {
              flush(this, order);
              real.call(this, record);
            },
        ),
        replaced(
          Recorder.prototype,
          'record',
          real =>
            function (this: Recorder, body) {
              flush(this, order);
              real.call(this, body);
            },
        ),
      ];
      return () => {
        for (const one of mend) one();
      };
    },
  },
  {
    name: 'a branch of the user moves although nobody has asked for that',
    seed: 31,
    patch: () => overridden(Roster.prototype, 'into', () => 'main'),
  },
  {
    name: 'a group is completed before what was merged is delivered',
    seed: 31,
    patch: () => overridden(Roster.prototype, 'deliveryPending', () => false),
  },
  {
    name: 'a crash forgets a delivery that was asked for',
    seed: 666,
    patch: () =>
      replaced(
        Roster.prototype,
        'restore',
        real =>
          function (this: Roster, from) {
            real.call(this, { ...from, delivery: { ...from.delivery, into: undefined } });
          },
      ),
  },
  {
    name: 'who waits to merge is said to wait for itself',
    seed: 35,
    patch: () =>
      replaced(
        MergeTurns.prototype,
        'ahead',
        real =>
          function (this: MergeTurns, id) {
            return real.call(this, id) && id;
          },
      ),
  },
  {
    name: 'who waits to merge does not say so',
    seed: 35,
    patch: () => replaced(MergeTurns.prototype, 'ahead', () => () => undefined),
  },
  {
    name: 'a conflict is said to be with nobody',
    seed: 37,
    patch: () =>
      replaced(
        Recorder.prototype,
        'record',
        real =>
          function (this: Recorder, body) {
            real.call(this, body.type === 'session_conflict' ? { ...body, with: [] } : body);
          },
      ),
  },
  {
    name: 'trees that are merged stay',
    seed: 31,
    patch: () => replaced(TreePlace.prototype, 'release', () => async () => {}),
  },
  {
    name: 'trees go although they are to be kept',
    seed: 59,
    patch: () =>
      created(({ workspace, ...config }) => ({
        ...config,
        workspace: { ...workspace, keep: 'until_merged' },
      })),
  },
  {
    name: 'what one repository refuses keeps nothing back in the others',
    seed: 328,
    patch: () =>
      created(({ integrate, ...config }) => ({ ...config, integrate: { ...integrate, scope: 'each' } })),
  },
  {
    name: 'what one repository refuses keeps the others back',
    seed: 233,
    patch: () =>
      created(({ integrate, ...config }) => ({ ...config, integrate: { ...integrate, scope: 'all' } })),
  },
];

type Config = NonNullable<SessionGroupInput['config']>;

/** The engine reads a definition otherwise than it is written, if it delivers. */
const created = (read: (config: Config) => Config) =>
  replaced(
    GroupManager.prototype,
    'create',
    real =>
      function (this: GroupManager, input, ...options) {
        if (typeof input === 'string' || !input.config?.integrate) return real.call(this, input, ...options);
        return real.call(this, { ...input, config: read(input.config) }, ...options);
      },
  );
