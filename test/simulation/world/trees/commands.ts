import type {
  CommandRun,
  CommandRunner,
  CommandsOutcome,
} from '../../../../src/sdk/delivery/run-commands.ts';
import type { Happening } from '../../history.ts';
import { COMMANDS } from '../../plan/definitions.ts';
import type { Plan, PlannedCommand } from '../../plan/plan.ts';
import { markerOf } from '../agents/marker.ts';
import type { Life, Machine } from '../machine.ts';
import type { SimulatedProcess } from '../process.ts';
import type { Ground } from './ground.ts';

type Outcome = Extract<Happening, { kind: 'command.ended' }>['outcome'];

/** After the planned ones. */
const REST: PlannedCommand = { takesMs: 0, is: 'green' };

/** The commands that engines run in trees, each a process of its own, which outlives its engine. */
export class Commands {
  readonly runs: {
    readonly run: CommandProcess;
    readonly engine: SimulatedProcess;
    readonly marker: string;
  }[] = [];
  readonly #machine: Machine;
  readonly #ground: Ground;
  readonly #plan: Plan;
  readonly #started = new Map<string, number>();

  constructor(machine: Machine, ground: Ground, plan: Plan) {
    this.#machine = machine;
    this.#ground = ground;
    this.#plan = plan;
  }

  get live() {
    return this.runs.filter(({ run }) => run.alive);
  }

  reap(engine: SimulatedProcess): void {
    for (const one of this.live) if (one.engine === engine) one.run.end('killed');
  }

  killAll(): void {
    for (const { run } of this.live) run.end('killed');
  }

  /** As an engine runs them. */
  runnerOf(engine: SimulatedProcess): CommandRunner {
    return run =>
      new Promise(resolve => {
        if (!engine.alive) return;
        if (run.commands.length === 0) return resolve({ kind: 'green' });
        if (run.signal.aborted) return resolve({ kind: 'cut' });
        this.#start(engine, run, outcome => engine.alive && resolve(outcome));
      });
  }

  #start(engine: SimulatedProcess, run: CommandRun, answer: (outcome: CommandsOutcome) => void): void {
    const { sessionId } = run.of;
    const setup = run.commands[0] === COMMANDS.setup;
    const { setups = [], checks = {} } = this.#plan.delivery ?? {};
    const planned = this.#next(setup ? 'set-up' : `check ${sessionId}`, setup ? setups : checks[sessionId]);
    const command = this.runs.length + 1;
    const pid = this.#machine.newPid();
    const process = new CommandProcess(pid, engine, (life, outcome) => {
      life.alive = false;
      cancelAll();
      if (planned.changes && (outcome === 'green' || outcome === 'red'))
        this.#ground.treeAt(run.cwd)?.files.set('built.txt', `by command ${command}\n`);
      this.#machine.tell({ kind: 'command.ended', command, outcome });
    });
    this.runs.push({ run: process, engine, marker: markerOf(run.of, engine.pid, command) });
    const clock = this.#machine.clockOf(process);
    const timers: unknown[] = [];
    const cancelAll = (): void => {
      for (const timer of timers) clock.clearTimeout(timer);
    };
    const after = (ms: number, then: () => void): void => void timers.push(clock.setTimeout(then, ms));
    const files = this.#ground.filesAt(run.cwd);
    this.#machine.tell({
      kind: 'command.started',
      pid: engine.pid,
      command,
      session: sessionId,
      setup,
      files,
    });
    const red = (how: string): CommandsOutcome => ({ kind: 'red', command: 'check', how, output: '' });
    const cut = (outcome: CommandsOutcome, as: Outcome): void => {
      cancelAll();
      after(planned.stopMs ?? 0, () => {
        process.end(as);
        answer(outcome);
      });
    };
    run.signal.addEventListener('abort', () => engine.alive && process.alive && cut({ kind: 'cut' }, 'cut'));
    if (planned.is !== 'hang') {
      const { is } = planned;
      after(planned.takesMs, () => {
        process.end(is);
        answer(is === 'green' ? { kind: 'green' } : red('exit code 1'));
      });
    }
    after(run.timeoutMs, () => engine.alive && cut(red('longer than it may take'), 'red'));
  }

  #next(key: string, planned: readonly PlannedCommand[] = []): PlannedCommand {
    const number = this.#started.get(key) ?? 0;
    this.#started.set(key, number + 1);
    return planned[number] ?? REST;
  }
}

class CommandProcess implements Life {
  readonly pid: number;
  readonly #engine: SimulatedProcess;
  readonly #end: (life: CommandProcess, outcome: Outcome) => void;
  alive = true;

  constructor(pid: number, engine: SimulatedProcess, end: (life: CommandProcess, outcome: Outcome) => void) {
    this.pid = pid;
    this.#engine = engine;
    this.#end = end;
  }

  get frozen(): boolean {
    return this.#engine.alive && this.#engine.frozen;
  }

  end(outcome: Outcome): void {
    if (this.alive) this.#end(this, outcome);
  }

  /** Ended from outside: nobody hears of it. */
  killed(): void {
    this.end('killed');
  }
}
