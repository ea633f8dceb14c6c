import { type Clock, LONGEST_TIMEOUT_MS, systemClock } from '../clock.ts';
import { checkAgents } from './check-agents.ts';
import { RefusedError, SessionGroupsError } from './errors.ts';
import type { SessionGroupHandle } from './handle.ts';
import { type EventHistory, journalStream } from './journal-stream.ts';
import { toMicroUsd } from './ledger.ts';
import type { GroupResult } from './progress.ts';
import { progressStream } from './progress-stream.ts';
import type { GroupActor } from './provide.ts';
import type { GroupRunner } from './runner.ts';
import { SafeObservable } from './safe-observable.ts';

export interface DriveOptions {
  readonly actor: GroupActor | undefined;
  /** What has happened in the group so far. */
  readonly history: EventHistory;
  readonly dir: string | undefined;
  readonly announce: (address: string) => void;
  /** What `dispose` asks of a group that is live. */
  readonly onDispose: 'pause' | 'stop';
  /** After everything has ended: gives ownership back. */
  readonly release: () => Promise<void>;
}

/** The handle through which a host drives a group. */
export function driveGroup(runner: GroupRunner, options: DriveOptions): SessionGroupHandle {
  const { recorder } = runner;
  let disposed: Promise<void> | undefined;

  /** Waits for the group's rest, once the request was accepted. */
  const until = async (request: () => Promise<void>, wait = true): Promise<GroupResult> => {
    if (!wait) {
      await request();
      return runner.result();
    }
    const release = keepAlive(runner.clock);
    const rest = runner.rest();
    try {
      await request();
      return await rest.result;
    } finally {
      rest.forget();
      release();
    }
  };
  /** A stop that was journalled is carried out, whatever else is asked for (design-docs/spec.md §8). */
  const carryOutStop = () => until(() => runner.request({ type: 'stop' }));
  const setMaxBudget = (usd: number | 'none') => {
    if (usd !== 'none' && !(usd > 0)) {
      throw new SessionGroupsError('invalid_argument', 'the limit must be an amount above 0, or none');
    }
    const limitMicroUsd = usd === 'none' ? Number.POSITIVE_INFINITY : toMicroUsd(usd);
    return runner.request({ type: 'budget.change', limitMicroUsd });
  };
  const dispose = async () => {
    if (runner.live) {
      const request =
        options.onDispose === 'pause'
          ? ({ type: 'pause', reason: 'shutdown' } as const)
          : ({ type: 'stop' } as const);
      await until(() => runner.request(request)).catch(() => {});
    }
    options.actor?.stop();
    runner.close();
    await options.release();
  };

  return {
    id: runner.groupId,
    group: runner.group,
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
    async run() {
      if (runner.interrupted) {
        throw new RefusedError('not_in_this_state', 'the group ran before its engine died', {
          hint: 'resume it',
        });
      }
      await checkAgents(runner);
      return until(() => runner.request({ type: 'run' }));
    },
    pause: ({ reason = 'manual', wait } = {}) => until(() => runner.request({ type: 'pause', reason }), wait),
    async resume({ maxBudgetUsd, wait } = {}) {
      if (runner.unfinishedStop) return carryOutStop();
      await checkAgents(runner);
      if (maxBudgetUsd !== undefined) await setMaxBudget(maxBudgetUsd);
      const request = runner.interrupted
        ? ({ type: 'run', reason: 'recovery' } as const)
        : ({ type: 'resume' } as const);
      return until(() => runner.request(request), wait);
    },
    stop: ({ wait } = {}) => until(() => runner.request({ type: 'stop' }), wait),
    async retry({ sessions, fresh = false, wait } = {}) {
      if (runner.unfinishedStop) await carryOutStop();
      for (const id of sessions ?? []) runner.runOf(id); // an unknown one is an error of its own
      await checkAgents(runner);
      const request = () => runner.request({ type: 'retry', fresh, ...(sessions ? { sessions } : {}) });
      return until(request, wait !== false && runner.status !== 'paused');
    },
    retryPlan: sessions => runner.state.roster.retryCandidates(sessions),
    setMaxBudget: async usd => setMaxBudget(usd),
    pauseSession: id => runner.request({ type: 'session.pause', id: runner.runOf(id).id }),
    resumeSession: id => runner.request({ type: 'session.resume', id: runner.runOf(id).id }),
    async answer(requestId, decision, by = 'api') {
      await null; // who answers within the event itself is ahead of the chart
      const id = runner.sessionOfRequest(requestId);
      if (id === undefined) {
        throw new RefusedError('no_such_request', `no session waits for an answer to "${requestId}"`);
      }
      await runner.request({ type: 'approval.answer', id, requestId, decision, by });
    },
    why: sessionId => runner.why(sessionId),
    announce: options.announce,
    dispose: () => (disposed ??= dispose()),
  };
}

/** A group that waits for another process's project has no timer of its own that would keep this one alive. */
function keepAlive(clock: Clock): () => void {
  if (clock !== systemClock) return () => {};
  const timer = setInterval(() => {}, LONGEST_TIMEOUT_MS);
  return () => clearInterval(timer);
}
