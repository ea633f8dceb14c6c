import { isRetryable } from '../../../machines/vocabulary.ts';
import { Conversation } from '../../../src/sdk/group/attempt/conversation.ts';
import { Ledger } from '../../../src/sdk/group/cost/ledger.ts';
import { Engine } from '../../../src/sdk/group/engine/engine.ts';
import { Recorder } from '../../../src/sdk/group/engine/recorder.ts';
import { Requests } from '../../../src/sdk/group/engine/requests/requests.ts';
import { QuotaGate } from '../../../src/sdk/group/schedule/quota-gate.ts';
import { Roster } from '../../../src/sdk/group/schedule/roster.ts';
import { loseCascade } from '../../support/mutants.ts';
import { type Mutant, overridden, replaced } from './mutant.ts';

/** Written before the simulation had found anything; each is to be found within 500 seeds. */
export const MUTANTS: readonly Mutant[] = [
  {
    name: 'lost cascade: a skip does not reach who waits for the skipped',
    seed: 3,
    roster: loseCascade,
  },
  {
    name: 'double count: the same reply counts each time it is reported',
    seed: 7,
    patch: () =>
      replaced(Ledger.prototype, 'addUsage', real => {
        let count = 0;
        return function (this: Ledger, id, usage) {
          count += 1;
          return real.call(this, id, { ...usage, messageId: `${usage.messageId} ${count}` });
        };
      }),
  },
  {
    name: "double count: a resumed conversation's total counts as this attempt's own",
    seed: 8,
    patch: () =>
      replaced(
        Ledger.prototype,
        'reconcile',
        real =>
          function (this: Ledger, id, report) {
            return real.call(this, id, { ...report, scope: 'process' });
          },
      ),
  },
  {
    name: 'lost money: an ended attempt costs nothing',
    seed: 7,
    patch: () =>
      replaced(
        Ledger.prototype,
        'closeAttempt',
        real =>
          function (this: Ledger, id) {
            this.reconcile(id, { scope: 'process', costUsd: 0 });
            real.call(this, id);
          },
      ),
  },
  {
    name: 'a refused request is journalled',
    seed: 2,
    patch: () =>
      replaced(
        Engine.prototype,
        'request',
        real =>
          async function (this: Engine, event) {
            try {
              await real.call(this, event);
            } catch (error) {
              this.recorder.record({ type: 'budget_changed', limitUsd: 'none' });
              throw error;
            }
          },
      ),
  },
  {
    name: 'a refused resume sets the limit that it brings',
    seed: 3,
    patch: () =>
      replaced(
        Engine.prototype,
        'request',
        real =>
          async function (this: Engine, event) {
            if (event.type === 'resume' && event.limitMicroUsd !== undefined) {
              this.state.ledger.setLimit(event.limitMicroUsd);
            }
            await real.call(this, event);
          },
      ),
  },
  {
    name: 'a resume starts the conversation over',
    seed: 8,
    patch: () =>
      replaced(
        Conversation.prototype,
        'next',
        real =>
          function (this: Conversation, canResume) {
            const next = real.call(this, canResume);
            return { ...next, spec: { ...next.spec, resume: false } };
          },
      ),
  },
  {
    name: 'the budget is a cent less strict: sessions are admitted at the limit',
    seed: 12,
    patch: () => overridden(Ledger.prototype, 'usedMicroUsd', real => Math.max(0, real - 10_000)),
  },
  {
    name: 'the budget is never reported as exceeded',
    seed: 19,
    patch: () =>
      replaced(
        Ledger.prototype,
        'takeCrossing',
        real =>
          function (this: Ledger) {
            return real.call(this) === 'warning' ? 'warning' : undefined;
          },
      ),
  },
  {
    name: 'slot leaked: a session that waits for a retry keeps its slot',
    seed: 4,
    roster: roster => {
      const park = roster.park.bind(roster);
      roster.park = (id, reason) => {
        if (reason !== 'retry') park(id, reason);
      };
    },
  },
  {
    name: 'one session too many is admitted',
    roster: roster => {
      const { maxConcurrent } = roster;
      Object.defineProperty(roster, 'maxConcurrent', { get: () => maxConcurrent + 1 });
    },
  },
  {
    name: 'wrong order: priorities are turned around',
    seed: 7,
    patch: () =>
      replaced(
        Roster.prototype,
        'admit',
        real =>
          function (this: Roster) {
            for (const { session } of this.spec.graph.nodes) {
              if (!turned.has(session)) Object.assign(session, { priority: -session.priority });
              turned.add(session);
            }
            real.call(this);
          },
      ),
  },
  {
    name: 'event lost after a retry: subscribers and journal miss it',
    seed: 4,
    patch: () =>
      replaced(Recorder.prototype, 'record', real => {
        const retried = new WeakSet<Recorder>();
        return function (this: Recorder, body) {
          if (body.type === 'group_retried') retried.add(this);
          if (body.type === 'session_skipped' && retried.has(this)) return;
          real.call(this, body);
        };
      }),
  },
  {
    name: 'wrong why: a session names one dependency too few',
    patch: () =>
      replaced(
        Engine.prototype,
        'why',
        real =>
          function (this: Engine, id) {
            const why = real.call(this, id);
            return why?.kind === 'dependency' ? { ...why, sessions: why.sessions.slice(1) } : why;
          },
      ),
  },
  {
    name: 'a violated dependency is taken for satisfied',
    seed: 3,
    group: machine =>
      machine.provide({
        guards: { dependencySatisfied: ({ event }) => event.type === 'dependency.settled' },
      }),
  },
  {
    name: 'a group with failures calls itself completed',
    seed: 8,
    group: machine =>
      machine.provide({ guards: { succeeded: ({ context }) => context.roster.unsettled === 0 } }),
  },
  {
    name: 'the error threshold is one too high',
    seed: 4,
    roster: roster => {
      const { concurrency } = roster.spec;
      Object.assign(roster.spec, {
        concurrency: { ...concurrency, errorThreshold: concurrency.errorThreshold + 1 },
      });
    },
  },
  {
    name: 'a pause does not reach the sessions',
    seed: 15,
    group: machine => machine.provide({ actions: { pauseAll: () => {} } }),
  },
  {
    name: 'a stop skips nothing',
    group: machine => machine.provide({ actions: { skipWaiting: () => {} } }),
  },
  {
    name: 'a resume of the group wakes who is held',
    seed: 10,
    roster: roster => {
      const { pausedNotHeld } = roster;
      roster.pausedNotHeld = () => [
        ...pausedNotHeld.call(roster),
        ...roster.actors().filter(id => roster.isResumable(id)),
      ];
    },
  },
  {
    name: 'a usage limit closes nothing',
    seed: 1,
    patch: () => replaced(QuotaGate.prototype, 'closedUntil', () => () => undefined),
  },
  {
    name: 'one retry too many',
    seed: 16,
    session: machine =>
      machine.provide({
        guards: {
          retryable: ({ context, event }) =>
            event.type === 'agent.failed' &&
            isRetryable(event.error.code) &&
            context.failures < context.retry.maximumAttempts,
        },
      }),
  },
  {
    name: 'effect before the journal: a start whose record cannot be written starts all the same',
    seed: 68,
    patch: () =>
      replaced(
        Recorder.prototype,
        'announce',
        () =>
          function (this: Recorder, body) {
            this.record(body);
          },
      ),
  },
  {
    name: 'a request is refused although it was carried out',
    seed: 3,
    patch: () =>
      replaced(Requests.prototype, 'accept', real => {
        let count = 0;
        return function (this: Requests, request) {
          count += 1;
          if (count % 3 !== 0) real.call(this, request);
        };
      }),
  },
  {
    name: 'a crash forgets who was held',
    seed: 229,
    patch: () =>
      replaced(
        Roster.prototype,
        'restore',
        real =>
          function (this: Roster, from) {
            const inPlay = new Map(
              [...from.inPlay].map(([id, session]) => [id, { ...session, held: false }]),
            );
            real.call(this, { ...from, inPlay });
          },
      ),
  },
];

const turned = new WeakSet<object>();
