import type { Agent, AgentEvent, AttemptSpec } from '../../../../src/sdk/session/agent.ts';
import type { Plan, PlannedRun } from '../../plan/plan.ts';
import type { Machine } from '../machine.ts';
import { isNeighbour, type SimulatedProcess } from '../process.ts';
import type { Ground } from '../trees/ground.ts';
import { AgentRun } from './agent-run.ts';
import { markerOf } from './marker.ts';
import type { SimulatedConversation } from './run-host.ts';

/** After the planned ones, a session's agent is done at once. */
const REST = { startMs: 0, steps: [], end: { is: 'done' }, ignores: 0, stopMs: 0, scope: 'process' } as const;

/** What an agent reports while it works, besides figures and requests, of which it tells itself. */
const WORK: ReadonlySet<AgentEvent['type']> = new Set<AgentEvent['type']>([
  'started',
  'message',
  'tool_finished',
  'activity',
  'agent_retry',
]);

/** All agents of the machine, whichever engine has started them. */
export class Agents {
  readonly runs: { readonly run: AgentRun; readonly engine: SimulatedProcess; readonly marker: string }[] =
    [];
  /** Permission requests that no answer has reached, oldest first. */
  readonly asked: { readonly requestId: string; readonly session: string }[] = [];
  readonly #machine: Machine;
  readonly #plan: Plan;
  readonly #ground: Ground;
  readonly #started = new Map<string, number>();
  readonly #conversations = new Map<string, SimulatedConversation>();
  #lastRun = 0;

  constructor(machine: Machine, plan: Plan, ground: Ground) {
    this.#machine = machine;
    this.#plan = plan;
    this.#ground = ground;
  }

  /** The agents as an engine gets to know them. */
  of(engine: SimulatedProcess): Readonly<Record<string, Agent>> {
    const start = (spec: AttemptSpec, sink: (event: AgentEvent) => void) => this.#start(engine, spec, sink);
    const more = { usage: 'stream', spends: true, approvals: true, changesFiles: false } as const;
    return {
      scripted: { kind: 'scripted', capabilities: { ...more, resume: true, messages: true }, start },
      command: { kind: 'command', capabilities: { ...more, resume: false }, start },
    };
  }

  get live() {
    return this.runs.filter(({ run }) => run.alive);
  }

  /** Ends what a dead engine has left. */
  reap(engine: SimulatedProcess): void {
    for (const one of this.live) if (one.engine === engine) one.run.killed();
  }

  killAll(): void {
    for (const { run } of this.live) run.killed();
  }

  #start(engine: SimulatedProcess, spec: AttemptSpec, sink: (event: AgentEvent) => void) {
    const { sessionId: session, conversation, cwd } = spec;
    if (!engine.alive) return { interrupt() {}, terminate() {}, kill() {}, answerPermission() {} };
    const number = this.#started.get(session) ?? 0;
    this.#started.set(session, number + 1);
    const aside = isNeighbour(spec.groupId);
    const { runs } = (aside ? this.#plan.neighbour : undefined) ?? this.#plan;
    const plan: PlannedRun = runs[session]?.[number] ?? REST;
    if (plan.odd === 'throws in start') {
      this.#machine.tell({ kind: 'fault', pid: engine.pid, what: `the agent of ${session} throws in start` });
      throw new Error('the agent cannot start');
    }
    this.#lastRun += 1;
    const known = this.#conversations.get(conversation.id) ?? { runs: [], messages: new Set() };
    this.#conversations.set(conversation.id, known);
    const id = this.#lastRun;
    const hear = (event: AgentEvent): void => {
      if (!aside && WORK.has(event.type)) this.#machine.tell({ kind: 'agent.worked', run: id });
      sink(event);
    };
    const run = new AgentRun(id, this.#machine.newPid(), plan, spec, hear, {
      clock: life => this.#machine.clockOf(life),
      conversation: known,
      heard: () => engine.alive,
      write: (run, path) => this.#write(spec, run, path),
      resolve: leaves => this.#ground.resolve(cwd, leaves),
      frozen: () => engine.alive && engine.frozen,
      tell: happening => {
        if (aside) {
          if (happening.kind === 'agent.ended')
            this.#machine.tell({ kind: 'neighbour.ended', run: happening.run });
          return;
        }
        if (happening.kind === 'agent.asked') this.asked.push({ requestId: happening.requestId, session });
        this.#machine.tell(happening);
      },
    });
    this.runs.push({ run, engine, marker: markerOf(spec, engine.pid, run.run) });
    if (aside) {
      this.#machine.tell({ kind: 'neighbour.started', pid: engine.pid, run: run.run });
      return run.begin();
    }
    this.#machine.tell({
      kind: 'agent.started',
      pid: engine.pid,
      run: run.run,
      session,
      attempt: spec.attempt,
      project: cwd.split('/').at(-1) ?? cwd,
      conversation: conversation.id,
      resumes: conversation.resume,
      ...(spec.maxBudgetUsd === undefined ? {} : { capUsd: spec.maxBudgetUsd }),
      ...(spec.prompt === 'go' || conversation.resume ? {} : { prompt: spec.prompt }),
    });
    return run.begin();
  }

  #write({ sessionId: session, cwd }: AttemptSpec, run: number, name: string): void {
    const path = name === 'own' ? `${session}.txt` : name;
    const text = this.#ground.write(cwd, path, `by ${session}, run ${run},`);
    if (text !== undefined) this.#machine.tell({ kind: 'agent.wrote', run, session, path, text });
  }
}
