import { type AnyActorRef, assertEvent, createActor } from 'xstate';
import type { GroupReport, RosterPort } from './contract.ts';
import { BUDGET_ACTOR, changing, type GroupContext, ground, QUOTA_ACTOR } from './group.ground.ts';
import { sessionMachine } from './session.machine.ts';
import type { GroupStatus } from './vocabulary.ts';

function actorOf(roster: RosterPort, id: string): AnyActorRef {
  const actor = roster.actorOf(id);
  if (!actor) throw new Error(`the session "${id}" has no actor`);
  return actor;
}

interface ReportArgs {
  readonly context: GroupContext;
  readonly enqueue: { sendTo(to: AnyActorRef, report: GroupReport): void };
}

/**
 * Gives a session an actor, which is to be started. The group is its parent, to an inspector as well, but it is held by the
 * roster: each child in the group's snapshot would make each step of the group dearer (ADR 1).
 */
function giveActor(roster: RosterPort, id: string, self: AnyActorRef): void {
  const { session = sessionMachine } = self.getSnapshot().machine.implementations.actors;
  const logic = 'src' in session ? session.src : session;
  roster.started(id, createActor(logic, { id, parent: self, src: 'session', input: roster.inputOf(id) }));
}

/** To a parent machine that passed itself: a group can be retried, so it never ends in a final state. */
function reportTo({ context: { parent, id, roster }, enqueue }: ReportArgs, status: GroupStatus): void {
  const { reason } = roster;
  const report: GroupReport = {
    type: 'group.report',
    ...(id === undefined ? {} : { id }),
    status,
    ...(reason === undefined ? {} : { reason }),
  };
  if (parent) enqueue.sendTo(parent, report);
}

/** The vocabulary of the group chart: its guards, actions and actors. */
export const groupSetup = ground.extend({
  actions: {
    /** The reason is the one that the request gives. */
    becauseAsked: ground.assign(
      changing((roster, event) => roster.because(event.type === 'pause' ? event.reason : 'manual')),
    ),
    reportPaused: ground.enqueueActions(args => reportTo(args, 'paused')),
    reportCompleted: ground.enqueueActions(args => reportTo(args, 'completed')),
    reportFailed: ground.enqueueActions(args => reportTo(args, 'failed')),
    reportStopped: ground.enqueueActions(args => reportTo(args, 'stopped')),
    /** Gives the next candidate a slot, and an actor if it has none; or sets it aside, if its project or account is not free. */
    admit: ground.assign(({ context, self }) => {
      const roster = context.roster.writable();
      roster.admit();
      if (roster.admitted?.fresh) giveActor(roster, roster.admitted.id, self);
      return { roster, revision: context.revision + 1 };
    }),
    /** Gives slots and actors to the sessions whose attempts may live on elsewhere, before anything else gets one. */
    adopt: ground.assign(({ context, self }) => {
      const roster = context.roster.writable();
      roster.adopt();
      for (const id of roster.adopted) giveActor(roster, id, self);
      return { roster, revision: context.revision + 1 };
    }),
    /** Those that were adopted; what a person holds is paused again. */
    startAdopted: ground.enqueueActions(({ context: { roster }, enqueue }) => {
      for (const id of roster.adopted) {
        const start = () => actorOf(roster, id).start();
        enqueue(start);
      }
      for (const id of roster.adoptedHeld()) enqueue.sendTo(actorOf(roster, id), { type: 'pause' });
    }),
    startSession: ({ context: { roster } }) => {
      if (roster.admitted) actorOf(roster, roster.admitted.id).start();
    },
    /** To the session that was admitted and has an actor already. */
    grantSlot: ground.enqueueActions(({ context: { roster }, enqueue }) => {
      const actor = roster.admitted && roster.actorOf(roster.admitted.id);
      if (actor) enqueue.sendTo(actor, { type: 'slot.granted' });
    }),
    settle: ground.assign(
      changing((roster, event) => {
        assertEvent(event, 'session.settled');
        roster.settle(event.id, event.outcome, event.error);
      }),
    ),
    /** Before `settle`, by which the roster forgets the actor. */
    stopSession: ground.stopChild(({ context: { roster }, event }) => {
      assertEvent(event, 'session.settled');
      return roster.actorOf(event.id) ?? event.id;
    }),
    /** One at a time: a cascade of many raised at once would cost the square of their number. */
    raiseDependents: ground.enqueueActions(({ context, enqueue }) => {
      const roster = context.roster.writable();
      const next = roster.nextUndecided();
      if (!next) return;
      // The roster is held by reference: only a copy of it (`writable`) has to go into the snapshot.
      if (roster !== context.roster) enqueue.assign({ roster });
      enqueue.raise({ type: 'dependency.settled', ...next });
    }),
    enqueue: ground.assign(
      changing((roster, event) => {
        assertEvent(event, 'dependency.settled');
        roster.enqueue(event.id);
      }),
    ),
    skip: ground.assign(
      changing((roster, event) => {
        assertEvent(event, 'dependency.settled');
        roster.skip(event.id);
      }),
    ),
    park: ground.assign(
      changing((roster, event) => {
        assertEvent(event, 'session.yielded');
        roster.park(event.id, event.reason);
      }),
    ),
    queueMerge: ground.assign(
      changing((roster, event) => {
        assertEvent(event, 'merge.wanted');
        roster.queueMerge(event.id);
      }),
    ),
    grantMerge: ground.enqueueActions(({ context, enqueue }) => {
      const roster = context.roster.writable();
      const id = roster.takeMergeTurn();
      if (id === undefined) return;
      if (roster !== context.roster) enqueue.assign({ roster });
      const actor = roster.actorOf(id);
      if (actor) enqueue.sendTo(actor, { type: 'merge.granted' });
    }),
    cutOffDelivery: ground.enqueueActions(({ context: { roster }, enqueue }) => {
      if (roster.delivering) enqueue('endDelivery');
    }),
    settleAgain: ground.assign(changing(roster => roster.settleAgain())),
    noteDelivering: ground.assign(changing(roster => roster.deliveryBegun())),
    noteDelivered: ground.assign(changing(roster => roster.deliveryEnded(true))),
    noteDeliveryEnded: ground.assign(changing(roster => roster.deliveryEnded(false))),
    becauseRefused: ground.assign(
      changing((roster, event) => {
        assertEvent(event, 'delivery.refused');
        roster.because(event.reason);
      }),
    ),
    requeue: ground.assign(
      changing((roster, event) => {
        assertEvent(event, ['session.ready', 'session.resume', 'session.yielded']);
        roster.requeue(event.id);
      }),
    ),
    hold: ground.assign(
      changing((roster, event) => {
        assertEvent(event, 'session.pause');
        roster.hold(event.id, event.by);
      }),
    ),
    release: ground.assign(
      changing((roster, event) => {
        assertEvent(event, 'session.resume');
        roster.release(event.id);
      }),
    ),
    reconsider: ground.assign(changing(roster => roster.reconsider())),
    skipWaiting: ground.assign(changing(roster => roster.skipWaiting('group_stopped'))),
    settleActorless: ground.assign(changing(roster => roster.settleActorless())),
    requeueActorless: ground.assign(changing(roster => roster.requeueActorless())),
    pauseActorless: ground.assign(changing(roster => roster.pauseActorless())),
    requeuePaused: ground.assign(changing(roster => roster.requeuePaused())),
    forgetErrors: ground.assign(changing(roster => roster.forgetErrors())),
    reopen: ground.assign(
      changing((roster, event) => {
        assertEvent(event, 'retry');
        roster.reopen(event.sessions, event.fresh ?? false);
      }),
    ),

    redefine: ground.assign(
      changing((roster, event) => {
        assertEvent(event, 'definition.change');
        roster.redefine(event.change);
      }),
    ),

    pauseAll: ground.enqueueActions(({ context: { roster }, enqueue }) => {
      for (const id of roster.actors()) enqueue.sendTo(actorOf(roster, id), { type: 'pause' });
    }),
    stopAll: ground.enqueueActions(({ context: { roster }, enqueue }) => {
      for (const id of roster.actors()) enqueue.sendTo(actorOf(roster, id), { type: 'stop' });
    }),
    resumeAll: ground.enqueueActions(({ context: { roster }, enqueue }) => {
      for (const id of roster.pausedNotHeld()) enqueue.sendTo(actorOf(roster, id), { type: 'resume' });
    }),
    tellPause: ground.enqueueActions(({ context: { roster }, event, enqueue }) => {
      assertEvent(event, 'session.pause');
      enqueue.sendTo(actorOf(roster, event.id), { type: 'pause' });
    }),
    tellResume: ground.enqueueActions(({ context: { roster }, event, enqueue }) => {
      assertEvent(event, 'session.resume');
      enqueue.sendTo(actorOf(roster, event.id), { type: 'resume' });
    }),
    /** A session without an actor gets it once it has an attempt. */
    tellMessage: ground.enqueueActions(({ context: { roster }, event, enqueue }) => {
      assertEvent(event, 'session.send');
      const actor = roster.actorOf(event.id);
      if (actor) enqueue.sendTo(actor, { type: 'message.waits' });
    }),
    tellAnswer: ground.enqueueActions(({ context: { roster }, event, enqueue }) => {
      assertEvent(event, 'approval.answer');
      const { id, request: _, ...answer } = event;
      enqueue.sendTo(actorOf(roster, id), answer);
    }),
    /** In force and journalled at once: what is sent like any message arrives after this step has started sessions. */
    changeLimit: ground.enqueueActions(({ context, event, self, enqueue }) => {
      assertEvent(event, ['run', 'resume']);
      const { limitMicroUsd } = event;
      if (limitMicroUsd === undefined) return;
      const roster = context.roster.writable();
      roster.budget.setLimit(limitMicroUsd);
      enqueue.assign({ roster, revision: context.revision + 1 });
      const { [BUDGET_ACTOR]: budget } = self.getSnapshot().children;
      const tellBudget = () => budget?.send({ type: 'budget.change', limitMicroUsd });
      enqueue(tellBudget);
    }),
    forwardToBudget: ground.enqueueActions(({ event, enqueue }) => {
      assertEvent(event, 'budget.change');
      enqueue.sendTo(BUDGET_ACTOR, event);
    }),
    describeQuota: ground.sendTo(QUOTA_ACTOR, { type: 'quota.limited' }),
    restQuota: ground.sendTo(QUOTA_ACTOR, { type: 'group.left' }),
    wakeQuota: ground.sendTo(QUOTA_ACTOR, { type: 'group.running' }),
  },
});
