import type { SeenEvent } from '../../history.ts';
import { type Concern, type Court, fieldOf, numberOf, sessionOf, textOf } from '../concern.ts';
import type { SessionTruth } from '../truth/session-truth.ts';

/** Spec §5, failures. Of codes that are in neither set, nothing is said (ASSUMPTIONS.unheardOfCodes). */
const RETRYABLE = new Set([
  ...[
    'agent_error',
    'server_error',
    'overloaded',
    'rate_limited',
    'idle_timeout',
    'process_lost',
    'output_invalid',
  ],
  ...['start_failed', 'turn_ended_early', 'message_too_long', 'workspace_failed'],
]);
const FINAL = new Set([
  ...[
    'model_not_found',
    'invalid_request',
    'permission_denied',
    'max_turns',
    'prompt_too_long',
    'session_budget',
  ],
  ...['attempt_timeout', 'prepare_failed', 'agent_not_found', 'turn_prevented', 'agent_misbehaved'],
  ...['setup_failed', 'workspace_moved', 'workspace_incomplete', 'workspace_no_repository'],
]);
/** A limit without a reset time closes the gate for these many minutes, one after the other. */
const MINUTES = [1, 2, 4, 8, 15];
/** How much later than said a gate opens, so that not all come back at once (ASSUMPTIONS.jitter). */
const JITTER_MS = 600_000;
const TOLERANCE_MS = 5;

/** §5: which failures are retried, how often and when; usage limits; the watchdog. */
export function retries(court: Court): Concern {
  const { truth, runs } = court;

  function retrying(event: SeenEvent, session: SessionTruth): void {
    const { id, failures } = session;
    const { retry } = truth.definition;
    const code = textOf(fieldOf(event.error, 'code'));
    const delay = numberOf(event.delayMs);
    if (code === 'verify_failed' || code === 'merge_conflict') {
      // It goes back to its conversation at once (delivery/work.ts).
      if (delay > TOLERANCE_MS) court.report('§5 retries', `${id} is told of ${code} after ${delay} ms`);
      return;
    }
    if (code === 'session_budget') {
      // A cap that stood for what the group had left.
      const own = truth.graph.session(id)?.limitMicroUsd ?? Number.POSITIVE_INFINITY;
      const byGroup = (runs.last(id)?.capMicro ?? own) < own; // ASSUMPTIONS.raisedLimit
      if (!byGroup && (truth.limit === undefined || truth.total < truth.limit)) {
        court.report('§6', `${id} yields to the group's limit, which is not reached`);
      }
      return;
    }
    if (FINAL.has(code) || retry.nonRetryable.includes(code)) {
      court.report('§5 retries', `${id} is retried after ${code}`);
    }
    if (failures + 1 >= retry.maximumAttempts) {
      court.report(
        '§5 retries',
        `${id} is retried after ${failures + 1} failures of ${retry.maximumAttempts}`,
      );
    }
    const full = Math.min(
      retry.initialInterval * retry.backoffCoefficient ** failures,
      retry.maximumInterval,
    );
    // ASSUMPTIONS.backoff: the specification names no jitter, the delay may be shortened by what has passed.
    if (delay > full + TOLERANCE_MS || delay < Math.min(full / 2, full - TOLERANCE_MS)) {
      court.report('§5 retries', `${id} is retried after ${delay} ms, expected ${full}`);
    }
  }

  function failed(event: SeenEvent, session: SessionTruth): void {
    const code = textOf(fieldOf(event.error, 'code'));
    const { retry } = truth.definition;
    if (!RETRYABLE.has(code) || retry.nonRetryable.includes(code)) return;
    // A run that ends while it is being paused or stopped is judged by that (statecharts, interrupting).
    if (
      truth.status !== 'running' ||
      session.held ||
      session.disputed.size > 0 ||
      broken.includes(session.id)
    )
      return;
    if (session.failures + 1 < retry.maximumAttempts) {
      court.report(
        '§5 retries',
        `${session.id} fails with ${code} after ${session.failures + 1} of ${retry.maximumAttempts}`,
      );
    }
  }

  function timedOut(event: SeenEvent, { id }: SessionTruth): void {
    const code = textOf(fieldOf(event.error, 'code'));
    const run = runs.last(id);
    if (run === undefined || court.trouble.disk) return;
    // §5, permissions: the idle clock is stopped. Who asks while it is being interrupted has been idle before.
    const { urgedAt = court.at } = run;
    const waited = [...run.asking.values()].some(asked => asked < urgedAt);
    if (code === 'idle_timeout' && waited && !run.disturbed) {
      court.report('§5 watchdog', `${id} was idle too long while it waited for a person`);
    }
    const at = run.urgedAt ?? run.end?.at ?? court.at;
    // Not the time that it was frozen, whatever the wall clock says.
    const lived = at - run.startedAt - run.frozenMs;
    if (code === 'attempt_timeout' && lived < truth.definition.attemptMs - TOLERANCE_MS) {
      court.report('§5 watchdog', `${id} ran into its attempt's timeout after ${lived} ms`);
    }
    const silent = at - run.signAt;
    if (code === 'idle_timeout' && silent < truth.definition.idleMs - TOLERANCE_MS) {
      court.report('§5 watchdog', `${id} was idle too long after ${silent} ms`);
    }
  }

  function limited(event: SeenEvent, session: SessionTruth): void {
    const until = Date.parse(textOf(event.until));
    const run = runs.last(session.id);
    if (run?.end?.outcome !== 'limited') {
      if (court.trouble.disk) return; // written late, when another run of it may have begun
      court.report('§5 quota', `${session.id} meets a limit that its run has not met`);
      return;
    }
    const said = run.end.until;
    const wait = until - Date.parse(event.time);
    if (said !== undefined) {
      // Another session's limit may hold longer.
      const closed = truth.gates.get(textOf(event.account));
      if (until !== closed && (until < said || until > said + JITTER_MS)) {
        court.report('§5 quota', `the account opens at ${until}, its limit is reset at ${said}`);
      }
    } else if (
      !MINUTES.some(minutes => wait > minutes * 60_000 - 1_000 && wait <= minutes * 60_000 * 1.25 + 30_000)
    ) {
      court.report('§5 quota', `without a reset time, the account closes for ${wait} ms`);
    }
  }

  /** Sessions whose agents broke the rules of their port: nothing is said of how often they are tried. */
  let broken: string[] = [];

  return {
    see(observation) {
      const thrower =
        observation.kind === 'fault' ? /^the agent of (\S+) throws/.exec(observation.what)?.[1] : undefined;
      if (thrower !== undefined) broken.push(thrower); // ASSUMPTIONS.throwingAgents
    },
    before(event) {
      const session = truth.sessions.get(sessionOf(event));
      if (session === undefined || session.end !== undefined) return;
      switch (event.type) {
        case 'session_retrying':
          retrying(event, session);
          timedOut(event, session);
          return;
        case 'session_failed':
          failed(event, session);
          timedOut(event, session);
          return;
        case 'quota_limited':
          limited(event, session);
          return;
      }
    },
    step() {
      broken = [];
      for (const run of runs.live.values()) {
        if (run.disturbed || run.urged || court.processes.get(run.pid)?.state !== 'alive') continue;
        const over = court.at - run.startedAt - truth.definition.attemptMs;
        if (over > 60_000 && truth.status === 'running') {
          court.report('§5 watchdog', `${run.session} runs ${over} ms longer than an attempt may`);
        }
        // A step may come much later than what was due in it: only a silence that began before is too long.
        const silent = court.at - run.signAt - truth.definition.idleMs;
        if (silent > 60_000 && run.asking.size === 0 && truth.status === 'running') {
          court.report('§5 watchdog', `${run.session} is silent ${silent} ms longer than it may be`);
        }
      }
    },
  };
}
