import { type Actor, fromPromise } from 'xstate';
import { budgetMachine } from '../../../../machines/budget.machine.ts';
import type {
  GroupMachineEvent,
  Redefinition,
  RefusalCode,
  SessionContext,
  StartedStep,
} from '../../../../machines/contract.ts';
import type { JournalledStep } from '../../../../machines/group.ground.ts';
import { groupMachine } from '../../../../machines/group.machine.ts';
import { sessionMachine } from '../../../../machines/session.machine.ts';
import type { ErrorCode, SessionStatus } from '../../../../machines/vocabulary.ts';
import type { ApprovalAnswer } from '../attempt/permission-requests.ts';

/** The charts' I/O, implemented by the engine; the names are those of the charts' actions. */
export interface ChartHost {
  bind(actor: { send(event: GroupMachineEvent): void }): void;
  journal(step: JournalledStep): void;
  journalNotes(): void;
  journalMessage(event: Extract<GroupMachineEvent, { readonly type: 'session.send' }>): void;
  takeOver(): void;
  journalPausedSessions(): void;
  journalRedefinition(change: Redefinition): void;
  announceRedefinition(change: Redefinition): void;
  accept(request: string | undefined): void;
  refuse(request: string | undefined, code: RefusalCode): void;
  failCrashedSession(sessionId: string, error: unknown): void;
  journalBudget(type: 'budget_warning' | 'budget_exceeded' | 'budget_changed', request?: string): void;
  /** @param signal aborts if the session is paused or stopped meanwhile. */
  prepare(id: string, signal: AbortSignal): Promise<void> | undefined;
  startAttempt(context: SessionContext): void;
  adoptAttempt(id: string): void;
  interrupt(id: string): void;
  terminate(id: string): void;
  kill(id: string): void;
  answer(id: string, answer: ApprovalAnswer): void;
  handMessages(id: string): void;
  startStep(context: SessionContext, step: StartedStep): void;
  cutOff(id: string): void;
  announceBlocked(context: SessionContext): void;
  startDelivery(): void;
  endDelivery(): void;
  show(context: SessionContext, status: SessionStatus): void;
  announceRetry(context: SessionContext, code: ErrorCode): void;
  announceGoingOn(id: string): void;
  announceLimit(context: SessionContext): void;
  announceUnavailable(context: SessionContext): void;
  noteRequest(id: string, requestId: string | undefined): void;
}

const requestOf = (event: GroupMachineEvent) => ('request' in event ? event.request : undefined);

/** The group's chart, with every action and actor implemented by `host`. */
export function provideGroup(host: ChartHost) {
  const session = sessionMachine.provide({
    actors: { prepare: fromPromise(async ({ input, signal }) => host.prepare(input.id, signal)) },
    actions: {
      startAttempt: ({ context }) => host.startAttempt(context),
      adoptAttempt: ({ context }) => host.adoptAttempt(context.id),
      ask: ({ context }) => host.interrupt(context.id),
      terminate: ({ context }) => host.terminate(context.id),
      kill: ({ context }) => host.kill(context.id),
      answer: ({ context, event }) => {
        if (event.type !== 'approval.answer') return;
        host.answer(context.id, event);
      },
      handMessages: ({ context }) => host.handMessages(context.id),
      announceGoingOn: ({ context }) => host.announceGoingOn(context.id),
      show: ({ context }, { status }) => host.show(context, status),
      announceRetry: ({ context }) => host.announceRetry(context, context.error?.code ?? 'process_lost'),
      announceLimit: ({ context }) => host.announceLimit(context),
      announceUnavailable: ({ context }) => host.announceUnavailable(context),
      announceBlocked: ({ context }) => host.announceBlocked(context),
      startStep: ({ context }, { step }) => host.startStep(context, step),
      cutOff: ({ context }) => host.cutOff(context.id),
      requestNoted: ({ context }) => host.noteRequest(context.id, context.requestId),
      requestForgotten: ({ context }) => host.noteRequest(context.id, undefined),
    },
  });
  const budget = budgetMachine.provide({
    actions: {
      journalWarning: () => host.journalBudget('budget_warning'),
      journalExceeded: () => host.journalBudget('budget_exceeded'),
      journalChange: ({ event }) =>
        host.journalBudget('budget_changed', event.type === 'budget.change' ? event.request : undefined),
    },
  });
  return groupMachine.provide({
    actors: { session, budget },
    actions: {
      bind: ({ self }) => host.bind(self),
      journal: (_, { type }) => host.journal(type),
      journalNotes: () => host.journalNotes(),
      journalMessage: ({ event }) => {
        if (event.type === 'session.send') host.journalMessage(event);
      },
      takeOver: () => host.takeOver(),
      startDelivery: () => host.startDelivery(),
      endDelivery: () => host.endDelivery(),
      journalPausedSessions: () => host.journalPausedSessions(),
      journalRedefinition: ({ event }) => {
        if (event.type === 'definition.change') host.journalRedefinition(event.change);
      },
      announceRedefinition: ({ event }) => {
        if (event.type === 'definition.change') host.announceRedefinition(event.change);
      },
      accept: ({ event }) => host.accept(requestOf(event)),
      refuse: ({ event }, { code }) => host.refuse(requestOf(event), code),
      failCrashedSession: ({ event }) => {
        if ('actorId' in event) host.failCrashedSession(event.actorId, event.error);
      },
    },
  });
}

/** The group's chart with its I/O provided. */
export type ProvidedGroup = ReturnType<typeof provideGroup>;

/** A running group as XState sees it. */
export type GroupActor = Actor<ProvidedGroup>;

/** An actor, of the group or of one of its sessions. */
export interface Receiver<Snapshot = unknown> {
  send(event: never): void;
  getSnapshot(): Snapshot & { readonly status: string };
}

/** Nothing is said to an actor that has stopped, by its host or in its final state: XState would warn of each event. */
export function tell(actor: Receiver | undefined, event: { readonly type: string }): void {
  if (actor?.getSnapshot().status === 'active') actor.send(event as never);
}
