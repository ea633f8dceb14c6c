import type { ErrorCode } from '../../../../machines/vocabulary.ts';
import type { Clock } from '../../../../src/sdk/clock.ts';
import type { AgentEvent, Attempt, AttemptEnd, AttemptSpec } from '../../../../src/sdk/session/agent.ts';
import { NO_TOKENS } from '../../../../src/sdk/session/usage.ts';
import type { Happening } from '../../history.ts';
import type { PlannedRun, PlannedStep } from '../../plan/plan.ts';
import type { Life } from '../machine.ts';
import type { RunHost } from './run-host.ts';

const USD = 1_000_000;
/** From the engine's word until a message is in the conversation. */
const TAKES_MS = 150;

type Outcome = Extract<Happening, { kind: 'agent.ended' }>['outcome'];

/** One run of a simulated agent: a process of its own, which outlives its engine. */
export class AgentRun implements Life {
  readonly run: number;
  readonly spec: AttemptSpec;
  readonly pid: number;
  alive = true;
  microUsd = 0;
  /** What the engine has been told of it. */
  told = 0;
  readonly #plan: PlannedRun;
  readonly #host: RunHost;
  readonly #clock: Clock;
  readonly #sink: (event: AgentEvent) => void;
  #step = 0;
  #timer: unknown;
  #asking: string | undefined;
  #denials = 0;
  #stopping = false;
  /** It has said that its conversation exists. */
  #started = false;
  #replies = 0;

  constructor(
    run: number,
    pid: number,
    plan: PlannedRun,
    spec: AttemptSpec,
    sink: (event: AgentEvent) => void,
    host: RunHost,
  ) {
    this.run = run;
    this.pid = pid;
    this.spec = spec;
    this.#plan = plan;
    this.#host = host;
    this.#sink = sink;
    this.#clock = host.clock(this);
    host.conversation.runs.push(this);
  }

  get frozen(): boolean {
    return this.#host.frozen();
  }

  begin(): Attempt {
    const { odd } = this.#plan;
    if (odd === 'emits inside start') {
      this.#begun();
      this.#emit({ type: 'message', role: 'assistant', text: 'inside start' });
    }
    if (odd === 'ends inside start') this.#end({ outcome: 'failed', code: 'process_lost', message: 'gone' });
    else {
      this.#after(this.#plan.startMs, () => {
        this.#begun();
        this.#next();
      });
    }
    return {
      pid: this.pid,
      interrupt: () => this.#told('interrupt', this.#plan.ignores >= 1),
      terminate: () => this.#told('terminate', this.#plan.ignores >= 2),
      kill: () => this.#told('kill', false),
      answerPermission: (requestId, decision) => {
        if (!this.alive || this.#asking !== requestId || !this.#host.heard()) return;
        this.#asking = undefined;
        this.#host.tell({ kind: 'agent.heard', run: this.run, requestId, decision });
        if (decision === 'deny') this.#denials += 1;
        if (!this.#stopping) this.#after(0, () => this.#next());
      },
      send: ({ id }) => void this.#clock.setTimeout(() => this.#takes(id), TAKES_MS),
    };
  }

  /** A conversation has a message once. */
  #takes(messageId: string): void {
    if (!this.alive || this.#stopping || !this.#started || this.#plan.deaf) return;
    const { messages } = this.#host.conversation;
    if (!messages.has(messageId))
      this.#host.tell({ kind: 'agent.took', run: this.run, session: this.spec.sessionId, messageId });
    messages.add(messageId);
    this.#emit({ type: 'message_delivered', id: messageId });
  }

  #begun(): void {
    this.#started = true;
    this.#emit({ type: 'started', conversationId: this.spec.conversation.id });
  }

  /** Ended from outside: nobody hears of it. */
  killed(): void {
    if (!this.alive) return;
    this.#cancel();
    this.alive = false;
    this.#host.tell({ kind: 'agent.ended', run: this.run, outcome: 'killed' });
  }

  #next(): void {
    if (!this.alive || this.#stopping) return;
    const step = this.#plan.steps[this.#step];
    if (step === undefined) {
      this.#finish();
      return;
    }
    this.#after(step.after, () => {
      this.#step += 1;
      this.#play(step);
      // Without an answer, it waits; over its cap, it has ended.
      if (this.alive && !this.#stopping && this.#asking === undefined) this.#next();
    });
  }

  #play(step: PlannedStep): void {
    const id = `${this.run}-${this.#step}`;
    switch (step.does) {
      case 'say':
        this.#emit({ type: 'message', role: 'assistant', text: `step ${this.#step}` });
        return;
      case 'tool':
        this.#emit({ type: 'tool_started', toolUseId: id, tool: 'Bash', input: { command: `step ${id}` } });
        this.#emit({ type: 'tool_finished', toolUseId: id, isError: false });
        return;
      case 'activity':
        this.#emit({ type: 'activity' });
        return;
      case 'retry by itself':
        this.#emit({ type: 'agent_retry', code: 'overloaded', delayMs: 1_000 });
        return;
      case 'absurd': {
        const usage = { messageId: id, model: 'simulated', tokens: ABSURD, costUsd: 0, final: true };
        this.#emit({ type: 'usage', ...usage });
        return;
      }
      case 'write':
        this.#host.write(this.run, step.path);
        return;
      case 'ask':
        this.#ask(id, step.withdraws);
        return;
      case 'spend':
        this.#spend(step);
        return;
    }
  }

  #ask(requestId: string, withdraws: number | undefined): void {
    this.#asking = requestId;
    this.#host.tell({ kind: 'agent.asked', run: this.run, requestId });
    this.#emit({ type: 'approval', requestId, tool: 'Write', input: {} });
    if (withdraws === undefined || this.#asking === undefined) return;
    this.#after(withdraws, () => {
      if (this.#asking !== requestId) return;
      this.#asking = undefined;
      this.#host.tell({ kind: 'agent.withdrew', run: this.run, requestId });
      this.#emit({ type: 'approval_withdrawn', requestId });
      this.#next();
    });
  }

  #spend({ microUsd, report, again = 0 }: Extract<PlannedStep, { does: 'spend' }>): void {
    this.microUsd += microUsd;
    this.#log();
    if (report === 'total') this.#total(again);
    else if (report !== 'none') this.#usage(microUsd, report === 'interim', again);
    const { maxBudgetUsd } = this.spec;
    if (maxBudgetUsd === undefined || this.microUsd <= maxBudgetUsd * USD || !this.alive) return;
    this.#total(0);
    this.#end({ outcome: 'failed', code: 'session_budget', message: 'over its cap' });
  }

  #usage(microUsd: number, interim: boolean, again: number): void {
    this.#replies += 1;
    const reply = { messageId: `${this.run}-reply-${this.#replies}`, model: 'simulated', tokens: TOKENS };
    if (interim) {
      const half = Math.floor(microUsd / 2);
      this.#tells(this.told + half);
      this.#emit({ type: 'usage', ...reply, costUsd: half / USD, final: false });
      this.told -= half;
    }
    this.#tells(this.told + microUsd);
    for (let time = 0; time <= again; time += 1) {
      this.#emit({ type: 'usage', ...reply, costUsd: microUsd / USD, final: true });
    }
  }

  #total(again: number): void {
    const { scope } = this.#plan;
    this.#tells(this.microUsd);
    const { runs } = this.#host.conversation;
    if (scope === 'conversation') for (const run of runs) run.#covered();
    const all = scope === 'process' ? this.microUsd : runs.reduce((sum, run) => sum + run.microUsd, 0);
    for (let time = 0; time <= again; time += 1) {
      this.#emit({ type: 'cost', scope, costUsd: all / USD });
    }
  }

  /** A total of its conversation tells of it, too. */
  #covered(): void {
    if (this.told !== this.microUsd) this.#tells(this.microUsd);
  }

  #tells(microUsd: number): void {
    if (!this.#host.heard()) return;
    this.told = microUsd;
    this.#log();
  }

  #log(): void {
    this.#host.tell({ kind: 'agent.spent', run: this.run, microUsd: this.microUsd, told: this.told });
  }

  #told(to: 'interrupt' | 'terminate' | 'kill', ignored: boolean): void {
    if (!this.alive || !this.#host.heard()) return;
    this.#host.tell({ kind: 'agent.told', run: this.run, to });
    if (ignored) return;
    if (to !== 'interrupt') this.#cancel();
    if (this.#stopping && to === 'interrupt') return;
    if (this.#plan.finishes && to === 'interrupt') return;
    this.#stopping = true;
    this.#cancel();
    this.#after(to === 'kill' ? 0 : this.#plan.stopMs, () => {
      if (this.#plan.tellsAtStop && this.#started && to === 'interrupt') this.#total(0);
      if (this.alive) this.#end({ outcome: 'interrupted' });
    });
  }

  #finish(): void {
    const { end } = this.#plan;
    switch (end.is) {
      case 'hang':
        return;
      case 'done': {
        this.#host.resolve(this.#plan.leaves);
        const more = Array.from({ length: end.denials ?? 0 }, (_, at) => ({
          tool: 'Write',
          toolUseId: `${at}`,
        }));
        const asked = Array.from({ length: this.#denials }, () => ({ tool: 'Write' }));
        this.#end({ outcome: 'done', result: `by run ${this.run}`, denials: [...asked, ...more] });
        return;
      }
      case 'failed':
        this.#end({ outcome: 'failed', code: end.code as ErrorCode, message: `planned: ${end.code}` });
        return;
      case 'limited': {
        const until = end.forMs === undefined ? {} : { until: this.#clock.now() + end.forMs };
        this.#end({ outcome: 'limited', message: 'usage limit', ...until });
        return;
      }
    }
  }

  #end(end: AttemptEnd): void {
    if (!this.alive) return;
    this.#cancel();
    this.alive = false;
    const { outcome } = end;
    const code = end.outcome === 'failed' ? { code: end.code } : {};
    const until = end.outcome === 'limited' && end.until !== undefined ? { until: end.until } : {};
    const ended = {
      kind: 'agent.ended',
      run: this.run,
      outcome: outcome satisfies Outcome,
      ...code,
      ...until,
    } as const;
    this.#host.tell(ended);
    this.#emit({ type: 'ended', end });
    if (this.#plan.odd === 'ends twice')
      this.#emit({ type: 'ended', end: { outcome: 'done', result: '', denials: [] } });
    if (this.#plan.odd !== 'speaks after its end') return;
    this.#emit({ type: 'message', role: 'assistant', text: 'after the end' });
    this.#emit({
      type: 'usage',
      messageId: 'late',
      model: 'simulated',
      tokens: TOKENS,
      costUsd: 1,
      final: true,
    });
  }

  #emit(event: AgentEvent): void {
    if (this.#host.heard()) this.#sink(event);
  }

  #after(ms: number, run: () => void): void {
    this.#timer = this.#clock.setTimeout(run, ms);
  }

  #cancel(): void {
    this.#clock.clearTimeout(this.#timer);
  }
}

const ABSURD = { ...NO_TOKENS, input: 1e15, cacheRead: 2 ** 53 };
const TOKENS = { input: 100, output: 20, cacheRead: 0, cacheWrite: 0 };
