import type { Clock } from '../../clock.ts';
import { type ManagedProcess, markerOf, type ProcessExit, spawnProcess } from '../../process/process.ts';
import type { AgentEvent, Attempt, AttemptEnd, AttemptMessage, AttemptSpec } from '../agent.ts';
import { stderrLog, transcriptLog } from '../attempt-logs.ts';
import { redactor } from '../reports/redaction.ts';
import { isFolder } from '../spawn-failure.ts';
import { newlineGrace } from '../stream-json/newline-grace.ts';
import { unfinishedLines } from '../stream-json/signs-of-work.ts';
import { LONGEST_MESSAGE_BYTES, tooLong } from '../stream-json/too-long.ts';
import { claudeArguments } from './arguments.ts';
import { claudeEnvironment } from './environment.ts';
import { type InterruptedTurn, RERUN_ENVIRONMENT, rerunInterruptedTurn } from './interrupted-turn.ts';
import { Outbox } from './outbox.ts';
import { attemptEnd, firstRun, isOver, nextRun, type Run } from './outcome.ts';
import { endSession, permissionAnswer, refusal, userMessage } from './speech.ts';
import type { StartGate } from './start-gate.ts';
import { mapLine } from './stream/mapping.ts';
import { newStreamState, type StreamState } from './stream/stream-state.ts';
import { expiryWarning } from './stream/warnings.ts';
import { Timers } from './timers.ts';

/** A client that has printed nothing by then gives its slot at the gate to the next one. */
const START_TIMEOUT_MS = 15_000;
/** How long a client may take to exit when it has nothing left to do, and after SIGTERM. */
const EXIT_GRACE_MS = 10_000;
const TERMINATE_GRACE_MS = 5_000;

export interface ClaudeAttemptOptions {
  readonly spec: AttemptSpec;
  readonly sink: (event: AgentEvent) => void;
  readonly clock: Clock;
  readonly gate: StartGate;
  /** Undefined: not found. */
  readonly executable: string | undefined;
  /** Why it was not found, or cannot be started. */
  readonly problem: string | undefined;
}

/**
 * One attempt: usually one run of the client. A second one tries the other flag for the conversation, and a third one a
 * fresh id: of a conversation whose transcript is torn, the client refuses both. A run that fails because an older
 * client lacks an option is repeated without it.
 * Invariant: `ended` is emitted once, last, and only when no process of the attempt is left (AGENT-2).
 */
export function startClaudeAttempt(options: ClaudeAttemptOptions): Attempt {
  const attempt = new ClaudeAttempt(options);
  attempt.begin();
  return attempt;
}

class ClaudeAttempt implements Attempt {
  /** Of the running client. */
  pid?: number;
  readonly #spec: AttemptSpec;
  readonly #sink: (event: AgentEvent) => void;
  readonly #clock: Clock;
  readonly #gate: StartGate;
  readonly #executable: string | undefined;
  readonly #problem: string | undefined;
  readonly #marker: string;
  readonly #transcript: ReturnType<typeof transcriptLog>;
  readonly #timers: Timers;
  #state: StreamState = newStreamState();
  #unfinished = unfinishedLines();
  readonly #newline: ReturnType<typeof newlineGrace>;
  readonly #outbox = new Outbox();
  /** Runs while the client has nothing left to do; before that, while it has messages that it does not confirm. */
  #exitGrace: unknown;
  #messageGrace: unknown;
  /** The present one, or the next. */
  #run: Run;
  #process: ManagedProcess | undefined;
  #interruptedTurn: InterruptedTurn | undefined;
  #leaveQueue: () => void = () => {};
  #leaveGate: () => void = () => {};
  #endRequested = false;
  #endSessionSent = false;
  #ended = false;

  constructor({ spec, sink, clock, gate, executable, problem }: ClaudeAttemptOptions) {
    this.#spec = spec;
    this.#run = firstRun(spec);
    this.#sink = sink;
    this.#clock = clock;
    this.#timers = new Timers(clock);
    this.#newline = newlineGrace(clock);
    this.#gate = gate;
    this.#executable = executable;
    this.#problem = problem;
    this.#marker = markerOf(spec);
    this.#transcript = transcriptLog(spec, sink);
  }

  begin(): void {
    const command = this.#executable;
    if (this.#spec.agent.kind !== 'claude') {
      const message = `not a claude agent: ${this.#spec.agent.kind}`;
      this.#endSoon({ outcome: 'failed', code: 'prepare_failed', message });
    } else if (command === undefined || this.#problem !== undefined) {
      const message = this.#problem ?? 'Claude Code was not found';
      this.#endSoon({ outcome: 'failed', code: 'agent_not_found', message });
    } else if (!isFolder(this.#spec.cwd)) {
      const message = `project folder does not exist: ${this.#spec.cwd}`;
      this.#endSoon({ outcome: 'failed', code: 'prepare_failed', message });
    } else this.#queue(command, this.#run);
  }

  interrupt(): void {
    if (this.#ended) return;
    this.#requestEnd();
    if (!this.#process) this.#endBeforeStart();
    // Before init, `end_session` is acknowledged but ignored, and makes a second one ineffective.
    else if (!this.#state.started) this.#process.terminate();
    else if (!this.#endSessionSent) {
      this.#endSessionSent = true;
      this.#process.write(endSession());
    }
  }

  terminate(): void {
    if (this.#ended) return;
    this.#requestEnd();
    if (this.#process) this.#process.terminate();
    else this.#endBeforeStart();
  }

  kill(): void {
    if (this.#ended) return;
    this.#requestEnd();
    if (this.#process) this.#process.kill();
    else this.#endBeforeStart();
  }

  answerPermission(...[requestId, decision, ...said]: Parameters<Attempt['answerPermission']>): void {
    const { approvals, refusals } = this.#state;
    const asked = approvals.get(requestId);
    if (!asked || this.#ended) return;
    approvals.delete(requestId);
    if (decision === 'deny' && asked.toolUseId !== undefined) refusals.by.set(asked.toolUseId, 'person');
    this.#process?.write(permissionAnswer(requestId, asked, decision, ...said));
  }

  send(message: AttemptMessage): void {
    if (!this.#ended) this.#outbox.send(message);
  }

  #requestEnd(): void {
    this.#endRequested = true;
    this.#state.leaving = isOver(this.#state);
  }

  #queue(command: string, run: Run): void {
    this.#run = run;
    this.#leaveQueue = this.#gate.request(leave => {
      this.#leaveGate = leave;
      this.#timers.after(START_TIMEOUT_MS, leave);
      this.#launch(command);
    });
  }

  #launch(command: string): void {
    const { spec, conversation, startsOver } = this.#run;
    this.#state = newStreamState(spec.permissions.onRequest === 'ask', spec.conversation.id);
    this.#unfinished = unfinishedLines();
    this.#endSessionSent = false;
    const reruns = conversation === 'resume' && spec.conversation.interruptedTurn === true;
    const child = spawnProcess(
      {
        command,
        args: claudeArguments(spec, conversation),
        cwd: spec.cwd,
        env: { ...claudeEnvironment(spec.env, spec.config?.configDir), ...(reruns ? RERUN_ENVIRONMENT : {}) },
        marker: this.#marker,
        stdout: {
          longest: LONGEST_MESSAGE_BYTES,
          onLine: (line, truncated) => truncated || this.#onLine(line),
          onUnfinished: (bytes, line) => {
            if (this.#unfinished.grew(bytes)) this.#sink({ type: 'activity' });
            this.#newline.grew(line);
          },
          onTooLong: () => this.#onTooLong(),
        },
        ...stderrLog(spec, this.#sink),
      },
      this.#clock,
    );
    this.#process = child;
    if (child.pid !== undefined) this.pid = child.pid;
    const write = (line: string) => child.write(line);
    const onTurn = () => this.#outbox.open(write);
    const onNone = (): void => {
      const message = userMessage(startsOver ? spec.originalPrompt : spec.prompt, spec.composed);
      this.#transcript?.write(message);
      write(message);
      onTurn();
    };
    if (!reruns) onNone();
    else this.#interruptedTurn = rerunInterruptedTurn({ clock: this.#clock, write, onNone, onTurn });
    void child.exited.then(exit => this.#onExit(command, exit));
  }

  #onLine(line: string): void {
    this.#newline.ended();
    const state = this.#state;
    const { result, fatal } = state;
    const { events, refuse, partial, showsWork, names } = mapLine(state, line);
    this.#unfinished.ended(showsWork);
    if (!partial) this.#transcript?.write(`${line}\n`);
    for (const name of names) this.#interruptedTurn?.onMessage(name);
    for (const requestId of refuse) this.#process?.write(refusal(requestId));
    if (state.started) this.#leaveGate();
    if (state.fatal !== fatal) this.#endClient(0);
    const told = events.flatMap(event => this.#told(event));
    this.#awaitExit(isOver(state));
    for (const event of told) this.#sink(event);
    const message = state.result && !result ? expiryWarning(state.result, this.#clock.now()) : undefined;
    if (message !== undefined) this.#sink({ type: 'warning', message });
  }

  #told(event: AgentEvent): readonly AgentEvent[] {
    if (event.type === 'started' && this.#run.startsOver) return [{ ...event, startedOver: true }];
    if (event.type !== 'message_delivered') return [event];
    const id = this.#outbox.confirmed(event.id);
    return id === undefined ? [] : [{ ...event, id }];
  }

  /** A client that works on after a result is not hurried. With messages left, it does, whatever its result says of turns. */
  #awaitExit(isOver: boolean): void {
    this.#timers.cancel(this.#messageGrace);
    const leave = (): void => {
      this.#outbox.close();
      this.#process?.endInput();
      this.#exitGrace = this.#endClient(EXIT_GRACE_MS);
    };
    if (isOver && this.#exitGrace === undefined) {
      if (!this.#outbox.isEmpty && this.#state.result?.is_error !== true)
        this.#messageGrace = this.#timers.after(EXIT_GRACE_MS, leave);
      else leave();
    } else if (!isOver && this.#exitGrace !== undefined) {
      this.#timers.cancel(this.#exitGrace);
      this.#exitGrace = undefined;
    }
  }

  #onTooLong(): void {
    if (this.#state.fatal) return;
    this.#state.fatal = tooLong('Claude Code');
    this.#endClient(0);
  }

  #onExit(command: string, exit: ProcessExit): void {
    this.#newline.ended();
    this.#outbox.close();
    this.#leaveGate();
    this.#interruptedTurn?.cancel();
    this.#interruptedTurn = undefined;
    this.#timers.clear();
    this.#exitGrace = undefined;
    this.#process = undefined;
    delete this.pid;
    const next = this.#endRequested ? undefined : nextRun(this.#run, this.#state, exit);
    if (next !== undefined) {
      this.#queue(command, next);
      return;
    }
    const resumed = this.#run.conversation === 'resume';
    const asked = this.#endRequested;
    const redact = redactor(this.#spec.secrets);
    this.#end(attemptEnd(this.#state, exit, { asked, resumed, redact, now: this.#clock.now() }));
  }

  /** SIGTERM after `delayMs`, SIGKILL later, unless it exits before. */
  #endClient(delayMs: number): unknown {
    const terminate = (): void => {
      this.#state.leaving = isOver(this.#state);
      this.#process?.terminate();
      this.#timers.after(TERMINATE_GRACE_MS, () => this.#process?.kill());
    };
    if (delayMs > 0) return this.#timers.after(delayMs, terminate);
    terminate();
    return undefined;
  }

  #endBeforeStart(): void {
    this.#leaveQueue();
    this.#endSoon({ outcome: 'interrupted' });
  }

  /** In a later turn of the event loop (AGENT-1). */
  #endSoon(end: AttemptEnd): void {
    setImmediate(() => this.#end(end));
  }

  #end(end: AttemptEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#transcript?.close();
    this.#sink({ type: 'ended', end });
  }
}
