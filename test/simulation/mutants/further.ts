import { isRetryable } from '../../../machines/vocabulary.ts';
import { Messages } from '../../../src/sdk/group/attempt/messages.ts';
import { Engine } from '../../../src/sdk/group/engine/engine.ts';
import { Recorder } from '../../../src/sdk/group/engine/recorder.ts';
import { Redefiner } from '../../../src/sdk/group/engine/redefiner.ts';
import { RequestQueue } from '../../../src/sdk/group/engine/requests/request-queue.ts';
import { ProgressAggregator } from '../../../src/sdk/group/progress-aggregator.ts';
import { retryIds } from '../../../src/sdk/group/schedule/retry-selection.ts';
import { Roster } from '../../../src/sdk/group/schedule/roster.ts';
import { type Mutant, replaced } from './mutant.ts';

/** Written with the concerns that came after the first list; each is to be found within 500 seeds. */
export const FURTHER: readonly Mutant[] = [
  {
    name: 'nobody takes over after a crash: the time without an engine counts',
    patch: () =>
      replaced(
        Recorder.prototype,
        'internal',
        real =>
          function (this: Recorder, record) {
            if (record.type !== '_taken_over') real.call(this, record);
          },
      ),
  },
  {
    name: 'order of requests: what is called in one turn is carried out backwards',
    seed: 499,
    patch: () =>
      replaced(RequestQueue.prototype, 'inTurn', real => {
        const called: (() => void)[] = [];
        return function (this: RequestQueue, act) {
          return new Promise((resolve, reject) => {
            called.push(() => void real.call(this, act).then(result => resolve(result as never), reject));
            queueMicrotask(() => {
              for (const one of called.splice(0).reverse()) one();
            });
          });
        };
      }),
  },
  {
    name: 'a retry of the group reaches the first session only',
    seed: 4,
    patch: () =>
      replaced(
        Engine.prototype,
        'request',
        real =>
          function (this: Engine, event) {
            if (event.type !== 'retry' || event.sessions) return real.call(this, event);
            const [first] = retryIds(this.state.roster.schedule, undefined);
            return real.call(this, { ...event, sessions: first === undefined ? [] : [first] });
          },
      ),
  },
  {
    name: 'an update does not announce what it adds',
    seed: 10,
    patch: () => replaced(Redefiner.prototype, 'announce', () => () => {}),
  },
  {
    name: 'a crash loses that a dependency has resolved',
    seed: 895,
    patch: () =>
      replaced(
        Roster.prototype,
        'restore',
        real =>
          function (this: Roster, from) {
            real.call(this, from);
            for (const note of this.takeNotes()) if (note.type !== 'resolved') this.notes.push(note);
          },
      ),
  },
  {
    name: 'a hold before the start is lost with its engine',
    seed: 36,
    patch: () =>
      replaced(
        Roster.prototype,
        'restore',
        real =>
          function (this: Roster, from) {
            real.call(this, { ...from, held: [] });
          },
      ),
  },
  {
    name: 'a session that is held before it starts is said to wait for something else',
    seed: 10,
    patch: () =>
      replaced(
        Roster.prototype,
        'waitOf',
        real =>
          function (this: Roster, id) {
            const wait = real.call(this, id);
            return wait === 'held' && !this.isInPlay(id) ? 'slot' : wait;
          },
      ),
  },
  {
    name: 'nobody journals that an agent has a message',
    seed: 9,
    patch: () => replaced(Messages.prototype, 'taken', () => () => {}),
  },
  {
    name: 'a message is handed to each attempt until its session settles',
    seed: 9,
    patch: () =>
      replaced(
        Recorder.prototype,
        'record',
        real =>
          function (this: Recorder, body) {
            if (body.type !== 'message_delivered') real.call(this, body);
          },
      ),
  },
  {
    name: 'a permission request is announced to nobody',
    seed: 15,
    patch: () =>
      replaced(
        Recorder.prototype,
        'record',
        real =>
          function (this: Recorder, body) {
            if (body.type !== 'approval_requested') real.call(this, body);
          },
      ),
  },
  {
    name: "a cap that stood for the group's limit fails its session",
    seed: 57,
    session: machine =>
      machine.provide({
        guards: {
          cappedByGroup: () => false,
          pauseProvoked: ({ context, event }) =>
            context.intent === 'pause' && event.type === 'agent.failed' && isRetryable(event.error.code),
        },
      }),
  },
  {
    name: 'a session is said to wait for one dependency too few',
    patch: () =>
      replaced(
        Recorder.prototype,
        'record',
        real =>
          function (this: Recorder, body) {
            const few = body.type === 'dependency_waiting' ? { waitingFor: body.waitingFor.slice(1) } : {};
            real.call(this, { ...body, ...few });
          },
      ),
  },
  {
    name: 'paused sessions are counted as pending',
    seed: 7,
    patch: () =>
      replaced(
        ProgressAggregator.prototype,
        'getGroupStats',
        real =>
          function (this: ProgressAggregator) {
            const stats = real.call(this);
            return { ...stats, pending: stats.pending + stats.paused, paused: 0 };
          },
      ),
  },
];
