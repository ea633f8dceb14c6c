import type { Observation, Pid, RunId } from '../../history.ts';

/** What the agents' own logs say: which runs there were, and which are alive. */

export interface Run {
  readonly id: RunId;
  readonly pid: Pid;
  readonly session: string;
  readonly attempt: number;
  readonly project: string;
  readonly conversation: string;
  readonly resumes: boolean;
  readonly capMicro: number | undefined;
  readonly startedAt: number;
  readonly startedStep: number;
  /** Micro-dollars: what it spent, and what it has reported of that. */
  spent: number;
  told: number;
  /** It has shown that its conversation exists. */
  spoke: boolean;
  /** It was asked to end; since when. */
  urged: boolean;
  urgedAt: number | undefined;
  /** Its last sign of work before that, or when it could go on after a freeze. */
  signAt: number;
  /** How long it was frozen before that, as far as that is sure to be noticed. */
  frozenMs: number;
  /** Requests for a permission that it has made and not heard of, and when. */
  readonly asking: Map<string, number>;
  /** Until it is frozen, or its process is: then its clock says nothing any more. */
  disturbed: boolean;
  end: RunEnd | undefined;
}

/** §5, login and credit: what refuses an account, not a session. */
export const UNAVAILABLE: ReadonlySet<string> = new Set(['authentication_failed', 'billing_error']);

export interface RunEnd {
  readonly outcome: 'done' | 'failed' | 'limited' | 'interrupted' | 'killed';
  readonly code: string | undefined;
  readonly until: number | undefined;
  readonly at: number;
  readonly step: number;
}

/** A shorter freeze passes unnoticed (§5, watchdog). */
const UNNOTICED_MS = 6_000;

export class Runs {
  readonly all = new Map<RunId, Run>();
  readonly live = new Map<RunId, Run>();
  readonly #bySession = new Map<string, Run[]>();
  readonly #perProject = new Map<string, number>();
  readonly #frozenAt = new Map<Pid, number>();

  of(session: string): readonly Run[] {
    return this.#bySession.get(session) ?? [];
  }

  last(session: string): Run | undefined {
    return this.#bySession.get(session)?.at(-1);
  }

  liveOf(session: string): Run[] {
    return this.of(session).filter(run => run.end === undefined);
  }

  inProject(project: string): number {
    return this.#perProject.get(project) ?? 0;
  }

  see(observation: Observation): void {
    switch (observation.kind) {
      case 'agent.started':
        this.#start(observation);
        return;
      case 'agent.spent':
        this.#with(observation.run, run => {
          if (observation.told > run.told) signs(run, observation.at);
          run.spent = observation.microUsd;
          run.told = observation.told;
          if (observation.told > 0) run.spoke = true;
        });
        return;
      case 'agent.worked':
        this.#with(observation.run, run => signs(run, observation.at));
        return;
      case 'agent.asked':
        this.#with(observation.run, run => {
          signs(run, observation.at);
          run.asking.set(observation.requestId, observation.at);
          run.spoke = true;
        });
        return;
      case 'agent.heard':
      case 'agent.withdrew':
        this.#with(observation.run, run => {
          signs(run, observation.at);
          run.asking.delete(observation.requestId);
        });
        return;
      case 'agent.told':
        this.#with(observation.run, run => {
          run.urged = true;
          run.urgedAt ??= observation.at;
        });
        return;
      case 'agent.ended':
        this.#with(observation.run, run => {
          if (run.end === undefined) this.#count(run.project, -1);
          const { outcome, code, until, at, step } = observation;
          run.end = { outcome, code, until, at, step };
          this.live.delete(run.id);
        });
        return;
      case 'process.frozen':
        this.#frozenAt.set(observation.pid, observation.at);
        for (const run of this.live.values()) if (run.pid === observation.pid) run.disturbed = true;
        return;
      case 'process.thawed':
        this.#thaw(observation.pid, observation.at);
        return;
    }
  }

  #thaw(pid: Pid, at: number): void {
    const frozen = at - (this.#frozenAt.get(pid) ?? at) - UNNOTICED_MS;
    if (frozen <= 0) return;
    for (const run of this.live.values()) {
      if (run.pid !== pid || run.urged) continue; // its times are over
      run.frozenMs += frozen;
      signs(run, at);
    }
  }

  /** The clock was set, or stood still. */
  disturb(): void {
    for (const run of this.live.values()) run.disturbed = true;
  }

  #start(seen: Extract<Observation, { kind: 'agent.started' }>): void {
    const run: Run = {
      id: seen.run,
      pid: seen.pid,
      session: seen.session,
      attempt: seen.attempt,
      project: seen.project,
      conversation: seen.conversation,
      resumes: seen.resumes,
      capMicro: seen.capUsd === undefined ? undefined : Math.round(seen.capUsd * 1_000_000),
      startedAt: seen.at,
      startedStep: seen.step,
      spent: 0,
      told: 0,
      spoke: false,
      urged: false,
      urgedAt: undefined,
      signAt: seen.at,
      frozenMs: 0,
      asking: new Map(),
      disturbed: false,
      end: undefined,
    };
    this.all.set(run.id, run);
    this.live.set(run.id, run);
    this.#count(run.project, 1);
    const earlier = this.#bySession.get(run.session);
    if (earlier === undefined) this.#bySession.set(run.session, [run]);
    else earlier.push(run);
  }

  #count(project: string, by: number): void {
    this.#perProject.set(project, this.inProject(project) + by);
  }

  #with(id: RunId, change: (run: Run) => void): void {
    const run = this.all.get(id);
    if (run !== undefined) change(run);
  }
}

function signs(run: Run, at: number): void {
  if (!run.urged) run.signAt = at;
}
