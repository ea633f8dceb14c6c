import type {
  Happening,
  Picture,
  SeenSession,
  SimulatedDefinition,
  SimulatedSession,
  Verb,
  Via,
  Violation,
} from '../../history.ts';
import { createJudge } from '../judge.ts';
import { Stopwatch } from './stopwatch.ts';

const T0 = Date.UTC(2026, 0, 1);
type Fields = Readonly<Record<string, unknown>>;

export const session = (id: string, more: Partial<SimulatedSession> = {}): SimulatedSession => ({
  id,
  project: `of-${id}`,
  dependsOn: [],
  trigger: 'all',
  priority: 0,
  allowFailure: false,
  ...more,
});

export const after = (id: string, on: string, when: 'completed' | 'failed' | 'settled' = 'completed') =>
  session(id, { dependsOn: [{ session: on, when }] });

/** Two sessions at once, the second after the first. */
export const definition = (more: Partial<SimulatedDefinition> = {}): SimulatedDefinition => ({
  maxConcurrent: 2,
  maxPerProject: 1,
  respectDependencies: true,
  pauseOnError: true,
  errorThreshold: 2,
  onBudgetExceeded: 'pause',
  warningThreshold: 1,
  retry: {
    maximumAttempts: 2,
    initialInterval: 1_000,
    backoffCoefficient: 2,
    maximumInterval: 60_000,
    nonRetryable: [],
  },
  idleMs: 10_000,
  attemptMs: 600_000,
  maxQuotaWaitMs: 3_600_000,
  onRequest: 'ask',
  approvalMs: 1_800_000,
  sessions: [session('a'), after('b', 'a')],
  ...more,
});

const TOKENS = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };

/** A history as a test writes it down: what happens, step by step; and what the oracle says of it. */
export class Scene {
  readonly found: Violation[] = [];
  readonly lines: string[] = [];
  readonly definition: SimulatedDefinition;
  at = T0;
  /** How far the wall clock has been set. */
  #set = 0;
  pid = 1;
  seq = 0;
  readonly #judge = createJudge();
  readonly #watch = new Stopwatch();
  #step = 0;
  #run = 0;
  #request = 0;
  readonly #attempts = new Map<string, number>();
  readonly #runs = new Map<string, number>();

  constructor(of: SimulatedDefinition = definition()) {
    this.definition = of;
    this.#judge.define(of);
    this.see({ kind: 'process.started', pid: 1 });
    this.lines.push('{"type":"_journal","version":1,"crc":"00000000"}');
  }

  see(happening: Happening): this {
    this.#judge.see({ ...happening, at: this.at, step: this.#step });
    return this;
  }

  setClock(jumpMs: number): this {
    this.#set += jumpMs;
    return this.see({ kind: 'fault', what: 'the wall clock jumps', jumpMs });
  }

  define(of: SimulatedDefinition): this {
    this.#judge.define(of);
    return this;
  }

  /** The step ends; the next one is `ms` later. */
  next(ms = 0): this {
    this.see({ kind: 'journal', lines: [...this.lines] });
    this.found.push(...this.#judge.step());
    this.#step++;
    this.at += ms;
    return this;
  }

  over(timers = 0): this {
    this.next();
    this.see({ kind: 'at rest', timers, listeners: 0 });
    this.found.push(...this.#judge.step(), ...this.#judge.end());
    return this;
  }

  event(type: string, fields: Fields = {}): this {
    const time = new Date(this.at + this.#set).toISOString();
    this.#watch.event(type, fields, this.at);
    const crc = this.seq.toString(16).padStart(8, '0');
    this.lines.push(JSON.stringify({ type, seq: this.seq, time, groupId: 'g', ...fields, crc }));
    this.seq++;
    return this;
  }

  /** What a watcher sees of the last event that was written. */
  watch(change: Fields = {}, watcher = 'w'): this {
    const { crc: _, ...event } = JSON.parse(this.lines.at(-1) ?? '{}');
    return this.see({ kind: 'event', pid: this.pid, watcher, event: { ...event, ...change } });
  }

  request(verb: Verb, args: Fields = {}, via: Via = 'handle'): number {
    this.#request++;
    this.see({ kind: 'request', id: this.#request, pid: this.pid, via, verb, args });
    return this.#request;
  }

  answer(
    id: number,
    code?: string,
    outcome: 'accepted' | 'refused' | 'failed' | 'untyped' = 'refused',
  ): this {
    if (code === undefined && outcome === 'refused')
      return this.see({ kind: 'answer', id, outcome: 'accepted' });
    return this.see({ kind: 'answer', id, outcome, ...(code === undefined ? {} : { code }), message: 'no' });
  }

  ask(verb: Verb, args: Fields = {}, code?: string, via: Via = 'handle'): this {
    return this.answer(this.request(verb, args, via), code);
  }

  created(): this {
    return this.event('group_created', { name: 'g' }).next();
  }

  running(): this {
    const { sessions, maxConcurrent } = this.definition;
    this.created().ask('run');
    const sessionCount = sessions.reduce((sum, { forEach }) => sum + (forEach?.length ?? 1), 0);
    return this.event('group_started', { sessionCount, maxConcurrent });
  }

  /** Its start is journalled. */
  journalStart(id: string, fields: Fields = {}, resumes = false): this {
    const attempt = (this.#attempts.get(id) ?? 0) + 1;
    this.#attempts.set(id, attempt);
    const type = resumes ? 'session_resumed' : 'session_started';
    return this.event(type, { sessionId: id, attempt, agentSessionId: `c-${id}`, ...fields });
  }

  agentStart(
    id: string,
    more: { capUsd?: number; prompt?: string; resumes?: boolean; conversation?: string } = {},
  ): this {
    this.#run++;
    this.#runs.set(id, this.#run);
    const { resumes = false, conversation = `c-${id}`, ...given } = more;
    const attempt = this.#attempts.get(id) ?? 1;
    const project =
      this.definition.sessions.find(one => one.id === id || id.startsWith(`${one.id}.`))?.project ??
      'nowhere';
    const run = { run: this.#run, session: id, attempt, project, conversation, resumes, ...given };
    return this.see({ kind: 'agent.started', pid: this.pid, ...run });
  }

  start(id: string, more: { capUsd?: number; prompt?: string } = {}): this {
    return this.journalStart(id).agentStart(id, more);
  }

  resume(id: string): this {
    return this.journalStart(id, {}, true).agentStart(id, { resumes: true });
  }

  runOf(id: string): number {
    return this.#runs.get(id) ?? 0;
  }

  spend(id: string, usd: number): this {
    const microUsd = Math.round(usd * 1e6);
    this.see({ kind: 'agent.spent', run: this.runOf(id), microUsd, told: microUsd });
    return this.progress(id, usd);
  }

  progress(id: string, costUsd: number): this {
    return this.event('session_progress', { sessionId: id, costUsd, tokens: TOKENS, estimated: false });
  }

  agentEnd(
    id: string,
    outcome: 'done' | 'failed' | 'limited' | 'interrupted' | 'killed' = 'done',
    more: { code?: string; until?: number } = {},
  ): this {
    return this.see({ kind: 'agent.ended', run: this.runOf(id), outcome, ...more });
  }

  completed(id: string, costUsd = 0): this {
    const durationMs = this.#watch.of(id, this.at) ?? 0;
    const more = { tokens: TOKENS, durationMs, result: 'done', permissionDenials: [] };
    return this.event('session_completed', { sessionId: id, costUsd, ...more });
  }

  done(id: string, costUsd = 0): this {
    return this.agentEnd(id).completed(id, costUsd);
  }

  failed(id: string, code = 'invalid_request', costUsd = 0): this {
    return this.event('session_failed', { sessionId: id, error: { code, message: 'no' }, costUsd });
  }

  fail(id: string, code = 'invalid_request'): this {
    return this.agentEnd(id, 'failed', { code }).failed(id, code);
  }

  retrying(id: string, code = 'agent_error', delayMs = 1_000): this {
    const attempt = (this.#attempts.get(id) ?? 0) + 1;
    return this.event('session_retrying', {
      sessionId: id,
      attempt,
      delayMs,
      error: { code, message: 'no' },
    });
  }

  skipped(id: string, reason: string, because: readonly string[]): this {
    return this.event('session_skipped', { sessionId: id, reason, because });
  }

  limited(id: string, until: number, resetAt?: number): this {
    this.agentEnd(id, 'limited', resetAt === undefined ? {} : { until: resetAt });
    return this.event('quota_limited', { account: 'x', until: new Date(until).toISOString(), sessionId: id });
  }

  pausing(reason = 'manual'): this {
    return this.event('group_pausing', { reason });
  }

  /** The group pauses; these yield. */
  paused(reason: string, ...ids: string[]): this {
    this.pausing(reason);
    for (const id of ids) this.agentEnd(id, 'interrupted').event('session_paused', { sessionId: id });
    return this.event('group_paused', { reason });
  }

  stopping(...skipped: string[]): this {
    this.event('group_stopping', { reason: 'manual' });
    for (const id of skipped) this.skipped(id, 'group_stopped', []);
    return this;
  }

  crash(reaped = true): this {
    this.#watch.stop();
    return this.see({ kind: 'process.crashed', pid: this.pid, reaped });
  }

  /** Another process is there from now on. */
  heir(): this {
    this.pid++;
    return this.see({ kind: 'process.started', pid: this.pid });
  }

  picture(
    status: string,
    sessions: Readonly<Record<string, Partial<SeenSession>>>,
    more: Partial<Picture> = {},
    via: Via | 'disk' = 'handle',
  ): this {
    const all = Object.entries(sessions).map(([id, shown]) => ({
      id,
      status: 'pending',
      costUsd: 0,
      estimated: false,
      attempts: 0,
      ...this.#took(id),
      ...shown,
    }));
    const totalCostUsd = all.reduce((sum, { costUsd }) => sum + costUsd, 0);
    return this.see({
      kind: 'picture',
      pid: this.pid,
      via,
      picture: { status, totalCostUsd, elapsedMs: this.#watch.at(this.at), sessions: all, ...more },
    });
  }

  #took(id: string): Pick<SeenSession, 'durationMs'> {
    const durationMs = this.#watch.of(id, this.at);
    return durationMs === undefined ? {} : { durationMs };
  }
}
