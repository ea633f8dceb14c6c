import { isOverByEstimate } from '../../../../machines/budget-guards.ts';
import type { RefusalCode, SessionContext, StartedStep } from '../../../../machines/contract.ts';
import { BUDGET_ACTOR } from '../../../../machines/group.ground.ts';
import type { ErrorCode, SessionError, SessionStatus } from '../../../../machines/vocabulary.ts';
import { isRest, isSettled, pauseReasonOf } from '../../../../machines/vocabulary.ts';
import { textOfThrown } from '../../errors.ts';
import { given } from '../../given.ts';
import { toUsd } from '../cost/ledger.ts';
import { stillInPlay } from '../journal/fold.ts';
import { eventOfResult } from '../journal/session-result.ts';
import type { GroupEngine } from './group-engine.ts';
import type { ChartHost } from './provide.ts';
import { GroupDelivery } from './trees/group-delivery.ts';

const NO_RESULT = 'the agent ended without a result';

/** Implements the charts' actions. Decisions are made only by the charts and the roster. */
export function chartEffects(engine: GroupEngine): ChartHost {
  const { state, progress, recorder, requests, clock } = engine;
  const costOf = (id: string) => toUsd(state.ledger.costOf(id));
  const delivery = new GroupDelivery(engine);
  const idOf = (index: number) => state.graph.nodes[index]?.id ?? '';

  const started = () => {
    const { nodes } = state.graph;
    recorder.record({
      type: 'group_started',
      sessionCount: state.sessions.size,
      maxConcurrent: state.roster.maxConcurrent,
    });
    for (const node of nodes) {
      if (node.dependencies.length === 0) continue;
      const waitingFor = node.dependencies.map(edge => idOf(edge.to));
      recorder.record({ type: 'dependency_waiting', sessionId: node.id, waitingFor });
    }
  };

  const retried = () => {
    const { ids = [], fresh = false } = state.roster.reopened ?? {};
    for (const id of ids) if (engine.findRun(id)) engine.runOf(id).reopen(fresh);
    recorder.record({ type: 'group_retried', sessions: [...ids], ...(fresh ? { fresh } : {}) });
  };

  /** What its agent has not taken when a session settles never reaches it. */
  const giveUpMessages = (sessionId: string) => {
    for (const { id } of progress.fold.sessions.get(sessionId)?.messages ?? []) {
      recorder.record({ type: 'message_undelivered', sessionId, messageId: id });
    }
  };

  const stopped = (sessionId: string) => {
    giveUpMessages(sessionId);
    recorder.record({ type: 'session_stopped', sessionId, costUsd: costOf(sessionId) });
  };

  const completed = (id: string) => {
    giveUpMessages(id);
    const run = engine.runOf(id);
    recorder.record({
      type: 'session_completed',
      sessionId: id,
      costUsd: costOf(id),
      tokens: state.ledger.tokensOf(id),
      durationMs: Math.round(progress.durationOf(id) ?? 0),
      ...eventOfResult(run.left ?? { result: '', output: undefined }),
      permissionDenials: [...run.denials],
    });
    run.rest();
  };

  const paused = (sessionId: string) => {
    recorder.internal({ type: '_status', sessionId, status: 'paused' });
    recorder.record({ type: 'session_paused', sessionId });
  };

  const failed = (id: string, error: SessionError) => {
    giveUpMessages(id);
    engine.runOf(id).error = error;
    recorder.record({ type: 'session_failed', sessionId: id, error, costUsd: costOf(id) });
  };

  return {
    bind: actor => engine.bind(actor),

    journal(step) {
      const reason = state.roster.reason ?? 'manual';
      const rested = isRest(step) ? engine.resting() : undefined;
      switch (step) {
        case 'group_started':
          started();
          break;
        case 'group_retried':
          retried();
          break;
        case 'group_pausing':
        case 'group_paused':
          recorder.record({ type: step, reason: pauseReasonOf(reason) });
          break;
        case 'group_stopping':
          recorder.record({ type: step, reason });
          break;
        case 'group_stopped':
          recorder.record({ type: step, reason });
          break;
        case 'group_failed':
          recorder.record({ type: step, reason });
          break;
        case 'group_delivering': {
          const { into = '', askedInto } = state.roster;
          recorder.record({ type: step, into, ...(askedInto === undefined ? {} : { requested: true }) });
          break;
        }
        case 'group_resumed':
        case 'group_completed':
          recorder.record({ type: step });
          break;
      }
      rested?.(step !== 'group_paused');
    },

    takeOver() {
      engine.takeOver();
      engine.sendTo(BUDGET_ACTOR, { type: 'group.takenOver' });
    },

    journalPausedSessions() {
      for (const sessionId of stillInPlay(progress.fold)) paused(sessionId);
    },

    journalNotes() {
      for (const note of state.roster.takeNotes()) {
        const sessionId = idOf(note.index);
        if (note.type === 'resolved') {
          recorder.record({ type: 'dependency_resolved', sessionId, dependency: idOf(note.dependency) });
        } else if (note.type === 'skipped') {
          giveUpMessages(sessionId);
          const because = note.because.map(idOf);
          recorder.record({ type: 'session_skipped', sessionId, reason: note.reason, because });
        } else if (note.type === 'held') {
          recorder.internal(given({ type: '_held' as const, sessionId, held: note.held, by: note.by }));
        } else if (note.type === 'queued') {
          recorder.internal({ type: '_status', sessionId, status: 'pending' });
        } else if (note.type === 'paused') {
          if (progress.statusOf(sessionId) !== 'paused') paused(sessionId);
        } else {
          stopped(sessionId);
        }
      }
    },

    journalMessage({ id: sessionId, messageId, text, by }) {
      recorder.record({ type: 'message_sent', sessionId, messageId, text, by });
    },
    handMessages: id => engine.findRun(id)?.handMessages(),
    announceGoingOn: sessionId => recorder.record({ type: 'session_continuing', sessionId }),

    journalRedefinition: () => engine.redefiner.journal(),
    announceRedefinition: ({ added, edges }) => engine.redefiner.announce(added, edges),

    accept: request => requests.accept(request),
    refuse: (request: string | undefined, code: RefusalCode) => requests.refuse(request, code),

    failCrashedSession(sessionId, reason) {
      const message = `the session's chart has failed: ${textOfThrown(reason)}`;
      const error = { code: 'process_lost' as const, message };
      // It holds its slot until its process tree is gone (I3, I7).
      engine.runOf(sessionId).abandon(() => {
        failed(sessionId, error);
        engine.send({ type: 'session.settled', id: sessionId, outcome: 'failed', error });
      });
    },

    journalBudget(type, request) {
      const { ledger } = state;
      const [usageUsd, limitUsd] = [toUsd(ledger.usedMicroUsd), toUsd(ledger.limitMicroUsd)];
      const certainUsd = isOverByEstimate(ledger) ? { certainUsd: toUsd(ledger.certainMicroUsd) } : {};
      if (type === 'budget_warning') recorder.record({ type, usageUsd, limitUsd, ...certainUsd });
      else if (type === 'budget_exceeded')
        recorder.record({ type, usageUsd, limitUsd, action: ledger.action });
      else recorder.record({ type, limitUsd: Number.isFinite(limitUsd) ? limitUsd : 'none' });
      requests.accept(request);
    },

    prepare: (id, signal) => engine.runOf(id).prepare(signal),
    startAttempt: context => engine.runOf(context.id).start(context),
    adoptAttempt(id) {
      const session = progress.fold.sessions.get(id);
      if (session) engine.runOf(id).adopt(session);
    },
    interrupt: id => engine.findRun(id)?.interrupt(),
    terminate: id => engine.findRun(id)?.terminate(),
    kill: id => engine.findRun(id)?.kill(),
    answer: (id, answer) => engine.findRun(id)?.answer(answer),

    startStep({ id, attempts }: SessionContext, step: StartedStep) {
      engine.runOf(id).tree?.start(step, attempts);
    },
    cutOff: id => engine.findRun(id)?.tree?.cutOff(),
    announceBlocked({ id, error }: SessionContext) {
      const message = `cannot be merged without you: ${error?.message ?? NO_RESULT}`;
      recorder.record({ type: 'session_warning', sessionId: id, message });
    },
    startDelivery: () => delivery.start(),
    endDelivery: () => delivery.cutOff(),

    show({ id, error }: SessionContext, status: SessionStatus) {
      if (status === 'paused' || isSettled(status)) engine.findRun(id)?.tree?.leavePorts();
      switch (status) {
        case 'completed':
          completed(id);
          break;
        case 'failed':
          failed(id, error ?? { code: 'process_lost', message: NO_RESULT });
          break;
        case 'stopped':
          stopped(id);
          break;
        case 'paused':
          paused(id);
          break;
        default:
          recorder.internal({ type: '_status', sessionId: id, status });
      }
    },

    announceRetry({ id, attempts, deadline, error }: SessionContext, code: ErrorCode) {
      const run = engine.runOf(id);
      run.error = error ?? { code, message: NO_RESULT };
      recorder.record({
        type: 'session_retrying',
        sessionId: id,
        attempt: attempts + 1,
        delayMs: Math.max(0, Math.round(deadline - clock.now())),
        error: run.error,
      });
    },

    announceLimit({ id, deadline }: SessionContext) {
      const run = engine.runOf(id);
      const account = state.accountOf(id) ?? run.agent.kind;
      recorder.record({
        type: 'quota_limited',
        account,
        until: new Date(deadline).toISOString(),
        sessionId: id,
      });
    },

    announceUnavailable({ id, error }: SessionContext) {
      const message = error?.message ?? NO_RESULT;
      recorder.record({
        type: 'session_warning',
        sessionId: id,
        message: `cannot go on for now: ${message}`,
      });
    },

    noteRequest(id, requestId) {
      state.roster.noteRequest(id, requestId);
      if (requestId === undefined) engine.runOf(id).forgetRequest();
    },
  };
}
