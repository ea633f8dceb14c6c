import { Approvals } from '../../../src/sdk/group/attempt/approvals.ts';
import { Engine } from '../../../src/sdk/group/engine/engine.ts';
import { Recorder } from '../../../src/sdk/group/engine/recorder.ts';
import { RecordsInFlight } from '../../../src/sdk/group/journal/records-in-flight.ts';
import { QuotaGate } from '../../../src/sdk/group/schedule/quota-gate.ts';
import { Faults } from '../world/faults.ts';
import { ProcessDisk } from '../world/process-disk.ts';
import { type Mutant, replaced } from './mutant.ts';

const nothing = (): void => {};

/** What a lock is told of other processes. */
const told = (startTime: (own: number, asked: number, real: string | undefined) => string | undefined) =>
  replaced(
    Faults.prototype,
    'lockMachine',
    real =>
      function (this: Faults, pid) {
        const machine = real.call(this, pid);
        return { ...machine, startTime: asked => startTime(pid, asked, machine.startTime(asked)) };
      },
  );

/** Planted by somebody who had not seen the simulation. */
export const LATER_MUTANTS: readonly Mutant[] = [
  {
    name: "a pid that is used again is taken for the dead owner's",
    patch: () => told((_, asked, real) => (real === undefined ? undefined : `${asked}`)),
  },
  {
    name: 'a live owner is taken for a dead one',
    patch: () => told((own, asked, real) => (asked === own ? real : 'another')),
  },
  {
    name: 'nothing is ever cut off a journal',
    patch: () =>
      replaced(
        ProcessDisk.prototype,
        'open',
        real =>
          function (this: ProcessDisk, path, how) {
            const file = real.call(this, path, how);
            return path.endsWith('journal.ndjson') ? { ...file, truncate: nothing } : file;
          },
      ),
  },
  {
    name: 'the streams of a group end when it has settled, and miss its retry',
    seed: 4,
    patch: () =>
      replaced(
        Engine.prototype,
        'resting',
        real =>
          function (this: Engine) {
            const answer = real.call(this);
            return settled => {
              answer(settled);
              if (settled) queueMicrotask(() => this.recorder.close());
            };
          },
      ),
  },
  {
    name: 'requests for a permission outlive the attempt that made them',
    seed: 96,
    patch: () => replaced(Approvals.prototype, 'clear', () => nothing),
  },
  {
    name: 'a restart forgets that an account is closed',
    seed: 458,
    patch: () => replaced(QuotaGate.prototype, 'keepClosed', () => nothing),
  },
  {
    name: 'the barrier is not awaited: nothing waits for an asynchronous store',
    seed: 40,
    patch: () => replaced(RecordsInFlight.prototype, 'written', () => () => undefined),
  },
  {
    name: 'an attempt does not wait until an asynchronous store has written its start',
    seed: 157,
    patch: () =>
      replaced(
        Recorder.prototype,
        'announce',
        real =>
          function (this: Recorder, body) {
            void real.call(this, body);
            return undefined;
          },
      ),
  },
];
