import type { GroupMachineEvent } from '../../../../machines/contract.ts';
import { QUESTION_TOOL } from '../../../../machines/vocabulary.ts';
import { type Clock, LONGEST_TIMEOUT_MS, systemClock } from '../../clock.ts';
import { RefusedError, SessionGroupsError } from '../../errors.ts';
import { given } from '../../given.ts';
import { UsdLimit } from '../../usd.ts';
import type { HostEnvironment } from '../config/environment.ts';
import { limitInMicroUsd } from '../cost/ledger.ts';
import { type DefinitionChange, nextDefinition } from '../definition/next-definition.ts';
import type { GroupActor } from '../engine/provide.ts';
import { type EventHistory, journalStream } from '../journal/journal-stream.ts';
import { SafeObservable } from '../journal/safe-observable.ts';
import type { GroupResult } from '../progress/progress.ts';
import { progressStream } from '../progress/progress-stream.ts';
import type { GroupRunner } from '../runner.ts';
import { retryIds } from '../schedule/retry-selection.ts';
import { ANNOUNCE } from './announce.ts';
import { checkAgents } from './check-agents.ts';
import type { DryRunOption, SessionGroupHandle } from './handle.ts';

export interface DriveOptions {
  readonly actor: GroupActor | undefined;
  /** The group's events so far. */
  readonly history: EventHistory;
  readonly dir: string | undefined;
  readonly announce: (address: string) => void;
  /** What `dispose` requests of a live group. */
  readonly onDispose: 'pause' | 'stop';
  /** The environment in which references such as `${TOKEN}` in a new definition are resolved. */
  readonly env: HostEnvironment;
  /** Called after the definition was replaced. */
  readonly onUpdated: () => void;
  /** Called after everything has ended: releases ownership. */
  readonly release: () => Promise<void>;
}

/** The public handle, and what the control socket needs. */
type DrivenGroup = SessionGroupHandle & { readonly [ANNOUNCE]: DriveOptions['announce'] };

/** The handle through which a host drives a group. */
export function driveGroup(runner: GroupRunner, options: DriveOptions): DrivenGroup {
  const { recorder } = runner;
  let disposed: Promise<void> | undefined;

  /** A request through a handle that has been disposed of, or is being, is refused as that, whatever the group's state. */
  const assertOpen = (): void => {
    if (!disposed) return;
    throw new SessionGroupsError('disposed', `the handle of group ${runner.groupId} has been disposed of`, {
      hint: 'Open the group again.',
    });
  };

  /** Waits for the group to come to rest, once the request has been accepted. */
  const until = async (request: () => Promise<unknown>, wait = true): Promise<GroupResult> => {
    if (!wait) {
      await request();
      return runner.result();
    }
    const release = keepAlive(runner.clock);
    const rest = runner.rest();
    try {
      return (await request()) === 'rests' ? runner.result() : await rest.result;
    } finally {
      rest.forget();
      release();
    }
  };
  let before: Promise<unknown> | undefined;
  /** One request after the other, in the order of the calls: some look at agents or files first. */
  const inTurn = async <T>(act: () => Promise<T>): Promise<T> => {
    assertOpen();
    const actOpen = (): Promise<T> => {
      assertOpen();
      return act();
    };
    const mine = before === undefined ? act() : before.then(actOpen);
    const done = mine
      .then(
        () => {},
        () => {},
      )
      .then(() => {
        if (before === done) before = undefined;
      });
    before = done;
    return mine;
  };
  const ask = (event: GroupMachineEvent) => inTurn(() => runner.request(event));
  /** Asks once the group's agents can start. A retry of a paused group starts nothing. */
  const askChecked = (event: GroupMachineEvent) =>
    inTurn(async () => {
      await checkAgents(runner);
      const isPaused = runner.status === 'paused';
      await runner.request(event);
      return isPaused && event.type === 'retry' ? 'rests' : undefined;
    });
  const change = (request: DefinitionChange, { dryRun = false }: DryRunOption = {}) =>
    inTurn(async () => {
      const next = await nextDefinition(runner.group, request, options.env);
      const changes = await runner.redefiner.redefine(next, dryRun);
      options.onUpdated();
      return changes;
    });
  const dispose = async () => {
    await before;
    if (runner.live) {
      const request =
        options.onDispose === 'pause'
          ? ({ type: 'pause', reason: 'shutdown' } as const)
          : ({ type: 'stop' } as const);
      await until(() => runner.request(request)).catch(() => {});
    }
    options.actor?.stop();
    runner.endAll(); // whoever's actor was stopped by its host has had no chart to end it
    runner.close();
    const lost = runner.recorder.lost();
    const released = options.release();
    if (!lost) return released;
    await released.catch(() => {});
    throw lost;
  };

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
    run: () => until(() => askChecked({ type: 'run' })),
    pause: ({ reason = 'manual', wait } = {}) => until(() => ask({ type: 'pause', reason }), wait),
    async resume({ maxBudgetUsd, wait } = {}) {
      const limit = maxBudgetUsd === undefined ? {} : { limitMicroUsd: microUsdOf(maxBudgetUsd) };
      return until(() => askChecked({ type: 'resume', ...limit }), wait);
    },
    stop: ({ wait } = {}) => until(() => ask({ type: 'stop' }), wait),
    async retry({ sessions, fresh = false, wait } = {}) {
      if (runner.stopUnfinished) await until(() => ask({ type: 'stop' }));
      for (const id of sessions ?? []) runner.runOf(id); // an unknown one is an error of its own
      const request = () => askChecked({ type: 'retry', fresh, ...(sessions ? { sessions } : {}) });
      return until(request, wait);
    },
    retryPlan: sessions => retryIds(runner.state.roster.schedule, sessions),
    setMaxBudget: async usd => ask({ type: 'budget.change', limitMicroUsd: microUsdOf(usd) }),
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
      await ask(given({ type: 'approval.answer', id, requestId, decision, by, answer }));
    },
    why: sessionId => runner.why(sessionId),
    [ANNOUNCE]: options.announce,
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
