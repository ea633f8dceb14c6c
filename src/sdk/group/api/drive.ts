import type { GroupMachineEvent } from '../../../../machines/contract.ts';
import { QUESTION_TOOL } from '../../../../machines/vocabulary.ts';
import { type Clock, LONGEST_TIMEOUT_MS, systemClock } from '../../clock.ts';
import { RefusedError, SessionGroupsError } from '../../errors.ts';
import { given } from '../../given.ts';
import { UsdLimit } from '../../usd.ts';
import type { HostEnvironment } from '../config/environment.ts';
import { limitInMicroUsd } from '../cost/ledger.ts';
import type { LoadOptions } from '../definition/definition.ts';
import { type DefinitionChange, nextDefinition } from '../definition/next-definition.ts';
import type { GroupActor } from '../engine/provide.ts';
import { type EventHistory, journalStream } from '../journal/journal-stream.ts';
import { SafeObservable } from '../journal/safe-observable.ts';
import type { GroupResult } from '../progress/progress.ts';
import { progressStream } from '../progress/progress-stream.ts';
import type { GroupRunner } from '../runner.ts';
import { retryIds } from '../schedule/retry-selection.ts';
import { ANNOUNCE, type Announce } from './announce.ts';
import { checkAgents } from './check-agents.ts';
import type { DryRunOption, SessionGroupHandle } from './handle.ts';
import { RequestQueue } from './request-queue.ts';

export interface DriveOptions {
  readonly actor: GroupActor | undefined;
  /** The group's events so far. */
  readonly history: EventHistory;
  readonly dir: string | undefined;
  readonly announce: (address: string) => void;
  /** What `dispose` requests of a live group. */
  readonly onDispose: 'pause' | 'stop';
  /** How a new definition is read. */
  readonly loading: LoadOptions & { readonly env: HostEnvironment };
  /** Called after the definition was replaced. */
  readonly onUpdated: () => void;
  /** Called after everything has ended: releases ownership. */
  readonly release: () => Promise<void>;
}

/** The public handle, and what the control socket needs. */
type DrivenGroup = SessionGroupHandle & { readonly [ANNOUNCE]: Announce };

/** The rest that an accepted request leads to, if it leads to one. */
interface Coming {
  readonly rest?: Promise<GroupResult>;
}

/** The handle through which a host drives a group. */
export function driveGroup(runner: GroupRunner, options: DriveOptions): DrivenGroup {
  const { recorder } = runner;
  let disposed: Promise<void> | undefined;
  let stopListening: (() => Promise<void>) | undefined;
  let limitsSet = 0;

  /** A request through a handle that has been disposed of, or is being, is refused as that, whatever the group's state. */
  const assertOpen = (): void => {
    if (!disposed) return;
    throw new SessionGroupsError('disposed', `the handle of group ${runner.groupId} has been disposed of`, {
      hint: 'Open the group again.',
    });
  };

  const queue = new RequestQueue(assertOpen, step => {
    try {
      return runner.requests.admittingNone(step);
    } finally {
      runner.send({ type: 'admission.changed' });
    }
  });
  const ask = (event: GroupMachineEvent) => queue.inTurn(() => runner.request(event));
  /** Sends the request, and waits for the rest that follows from it: one that came before it is another one's. */
  const askForRest = async (event: GroupMachineEvent): Promise<Coming> => {
    const rest = runner.rest();
    try {
      await runner.request(event);
      return { rest: rest.result };
    } catch (error) {
      rest.forget();
      throw error;
    }
  };
  /** A request that is refused has no rest; one that isn't waited for has its result at once. */
  const until = async (asked: () => Promise<Coming>, wait = true): Promise<GroupResult> => {
    const release = wait ? keepAlive(runner.clock) : () => {};
    try {
      const { rest } = await asked();
      return wait && rest ? await rest : runner.result();
    } finally {
      release();
    }
  };
  /** Pauses or stops. */
  const askEnd = (event: GroupMachineEvent) => queue.end(() => askForRest(event));
  /** Asks once the group's agents can start. A retry of a paused group starts nothing. */
  const askChecked = (eventNow: () => GroupMachineEvent) =>
    queue.start(
      signal => checkAgents(runner, signal),
      async () => {
        const event = eventNow();
        if (event.type !== 'retry' || runner.status !== 'paused') return askForRest(event);
        await runner.request(event);
        return {};
      },
    );
  const change = (request: DefinitionChange, { dryRun = false }: DryRunOption = {}) =>
    queue.inTurn(async () => {
      const next = await nextDefinition(runner.group, request, options.loading);
      const changes = await runner.redefiner.redefine(next, dryRun);
      options.onUpdated();
      return changes;
    });
  const endAll = async () => {
    const end: GroupMachineEvent =
      options.onDispose === 'pause' ? { type: 'pause', reason: 'shutdown' } : { type: 'stop' };
    await queue.close(async () => runner.live && (await until(() => askForRest(end)).catch(() => {})));
    options.actor?.stop();
    runner.endAll(); // whoever's actor was stopped by its host has had no chart to end it
    runner.close();
    const lost = runner.recorder.lost();
    const released = options.release();
    if (!lost) return released;
    await released.catch(() => {});
    throw lost;
  };
  // Nobody listens from the first moment on, and so the next owner can.
  const dispose = () => (stopListening ? Promise.all([stopListening(), endAll()]).then(() => {}) : endAll());

  return {
    id: runner.groupId,
    get group() {
      return runner.group;
    },
    dir: options.dir,
    actor: options.actor,
    events$: new SafeObservable(subscriber => {
      for (const event of recorder.prelude) subscriber.next(event);
      return recorder.events.subscribe(subscriber);
    }),
    history: (fromSeq = 0) => options.history(fromSeq),
    journal$: (fromSeq = 0) => journalStream(options.history, () => recorder.events, fromSeq),
    progress$: progressStream(
      () => recorder.changes,
      () => runner.progress.getProgress(),
      runner.clock,
    ),
    getProgress: () => runner.progress.getProgress(),
    getSnapshot: () => options.actor?.getSnapshot(),
    getResult: () => runner.result(),
    run: () => until(() => askChecked(() => ({ type: 'run' }))),
    pause: ({ reason = 'manual', wait } = {}) => until(() => askEnd({ type: 'pause', reason }), wait),
    async resume({ maxBudgetUsd, wait } = {}) {
      const limit = maxBudgetUsd === undefined ? {} : { limitMicroUsd: microUsdOf(maxBudgetUsd) };
      const before = limitsSet;
      const event = () => ({ type: 'resume' as const, ...(limitsSet === before ? limit : {}) });
      return until(() => askChecked(event), wait);
    },
    stop: ({ wait } = {}) => until(() => askEnd({ type: 'stop' }), wait),
    async retry({ sessions, fresh = false, wait } = {}) {
      if (runner.stopUnfinished) await until(() => askEnd({ type: 'stop' }));
      for (const id of sessions ?? []) runner.runOf(id); // an unknown one is an error of its own
      const event = { type: 'retry' as const, fresh, ...(sessions ? { sessions } : {}) };
      return until(() => askChecked(() => event), wait);
    },
    integrate: ({ into, wait } = {}) =>
      until(() => queue.inTurn(() => askForRest(given({ type: 'integrate' as const, into }))), wait),
    retryPlan: sessions => retryIds(runner.state.roster.schedule, sessions),
    async setMaxBudget(usd) {
      const event = { type: 'budget.change' as const, limitMicroUsd: microUsdOf(usd) };
      await queue.ahead(() => runner.request(event));
      limitsSet++; // a resume that was called before, and is still checked, doesn't change it again
    },
    pauseSession: async id => ask({ type: 'session.pause', id: runner.runOf(id).id }),
    resumeSession: async id => ask({ type: 'session.resume', id: runner.runOf(id).id }),
    update: (definition, { dryRun = false, ...origin } = {}) =>
      change({ kind: 'update', definition, origin }, { dryRun }),
    addSession: (session, { dryRun = false, ...origin } = {}) =>
      change({ kind: 'add', session, origin }, { dryRun }),
    removeSession: (id, dryRun) => change({ kind: 'remove', id }, dryRun),
    updateSession: (id, changes, { dryRun = false, ...origin } = {}) =>
      change({ kind: 'change', id, changes, origin }, { dryRun }),
    async answer(requestId, decision, by = 'api', answer) {
      assertOpen();
      await null; // a subscriber may answer from within the event, before the chart is ready
      const id = runner.sessionOfRequest(requestId);
      if (id === undefined) {
        throw new RefusedError('no_such_request', `no session is waiting for an answer to "${requestId}"`);
      }
      checkAnswer(runner.runOf(id).request?.tool, decision, answer);
      const event = given({ type: 'approval.answer' as const, id, requestId, decision, by, answer });
      await queue.ahead(() => runner.request(event));
    },
    why: sessionId => runner.why(sessionId),
    [ANNOUNCE](address, close) {
      if (disposed) return void close();
      stopListening = close;
      options.announce(address);
    },
    dispose: () => (disposed ??= dispose()),
  };
}

function microUsdOf(usd: number | 'none'): number {
  const { data, error } = UsdLimit.safeParse(usd);
  if (data === undefined) {
    throw new SessionGroupsError('invalid_argument', `the limit: ${error?.issues[0]?.message}`);
  }
  return limitInMicroUsd(data);
}

/** Keeps this process alive: a group that waits for a project held by another process has no timer that would. */
function keepAlive(clock: Clock): () => void {
  if (clock !== systemClock) return () => {};
  const timer = setInterval(() => {}, LONGEST_TIMEOUT_MS);
  return () => clearInterval(timer);
}

/** Allowing a question is not an answer to it: the agent would hear that there is none. */
function checkAnswer(tool: string | undefined, decision: 'allow' | 'deny', answer: string | undefined): void {
  if (decision === 'deny') return;
  if (tool === QUESTION_TOOL && answer === undefined) {
    throw new RefusedError('answer_required', `${tool} asks a question, which needs an answer`, {
      hint: 'Answer it with `session approve --answer TEXT`, or deny it.',
    });
  }
  if (tool !== QUESTION_TOOL && answer !== undefined) {
    throw new SessionGroupsError('invalid_argument', `${tool} asks for a permission, which takes no answer`, {
      hint: 'Allow it without one.',
    });
  }
}

/** The same handle with another `dispose`. Properties that change with the definition stay getters. */
export function withDispose(handle: SessionGroupHandle, dispose: () => Promise<void>): SessionGroupHandle {
  const properties = Object.getOwnPropertyDescriptors(handle);
  return Object.defineProperties(
    { ...handle },
    { ...properties, dispose: { value: dispose, enumerable: true } },
  );
}
