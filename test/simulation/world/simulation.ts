import type { Happening, Judge, Observation, Violation } from '../history.ts';
import { definitionInput } from '../plan/definitions.ts';
import type { Plan, PlannedDefinition } from '../plan/plan.ts';
import { Random } from '../random.ts';
import { Agents } from './agents/agents.ts';
import { Callers } from './callers.ts';
import { Continuing } from './continuing.ts';
import { Faults } from './faults.ts';
import { Machine } from './machine.ts';
import { Interception, type MachineCalls } from './machine-calls.ts';
import { machineCalls, unhandledErrors } from './machine-of.ts';
import { Neighbour } from './neighbour.ts';
import { Observer } from './observer.ts';
import { isOfDead, outcomeOf } from './outcome.ts';
import { SimulatedProcess, type Surroundings } from './process.ts';
import { Commands } from './trees/commands.ts';
import { Ground } from './trees/ground.ts';
import { Followers } from './watching/followers.ts';
import { Watchers } from './watching/watchers.ts';

/** More steps than any plan needs. */
const MOST_STEPS = 20_000;
/** How often someone goes on with a group that rests and has not settled. */
const MOST_ROUNDS = 20;
/** More turns of the event loop than anything needs to come to an end within a step. */
const MOST_TURNS = 1_000;

export const interception = new Interception();

/** One simulated run. */
export class Simulation {
  readonly plan: Plan;
  readonly history: Observation[] = [];
  readonly violations: Violation[] = [];
  readonly machine: Machine;
  readonly agents: Agents;
  readonly ground: Ground;
  readonly commands: Commands;
  readonly observer: Observer;
  readonly processes = new Map<number, SimulatedProcess>();
  readonly callers: Callers;
  readonly watchers: Watchers;
  readonly continuing: Continuing;
  readonly neighbour: Neighbour | undefined;
  readonly followers: Followers;
  /** In force, as far as events and journal have said. */
  definition: PlannedDefinition;
  step = 0;
  /** It has come to rest. */
  rests = false;
  #told = false;
  #revision = 0;
  readonly #calls: MachineCalls;
  readonly #judge: Judge;
  readonly #faults: Faults;
  readonly #random: Random;

  readonly #inspect: Surroundings['inspect'];

  /** @param inspect receives XState's inspection events of every process. */
  constructor(plan: Plan, judge: Judge, inspect?: Surroundings['inspect']) {
    this.#inspect = inspect;
    this.plan = plan;
    this.definition = plan.definition;
    this.#judge = judge;
    this.#random = new Random(plan.seed).of('machine');
    this.machine = new Machine(happening => this.tell(happening), plan);
    this.ground = new Ground(this.machine, plan);
    this.commands = new Commands(this.machine, this.ground, plan);
    this.agents = new Agents(this.machine, plan, this.ground);
    this.observer = new Observer(this.machine, happening => this.tell(happening));
    this.callers = new Callers(this);
    this.watchers = new Watchers(this);
    this.continuing = new Continuing(this);
    this.neighbour = plan.neighbour && new Neighbour(this, plan.neighbour);
    this.#faults = new Faults(this);
    // What a deletion takes with it has been read before.
    this.machine.disk.before = (does, path) => {
      if (does === 'rename' && path.includes('/.removing')) this.#define(this.observer.journal());
    };
    this.followers = new Followers(this);
    this.#calls = machineCalls(this, this.#random.of('ids'), what => this.violate('leak', what));
  }

  tell(happening: Happening): void {
    const observation = { ...happening, at: this.machine.clock.now(), step: this.step };
    this.#told = true;
    this.history.push(observation);
    this.#judge.see(observation);
  }

  violate(rule: string, message: string): void {
    this.violations.push({ rule, message, step: this.step });
  }

  /** @returns itself, with what was seen and what is wrong. */
  async run(): Promise<this> {
    interception.current = this.#calls;
    const unhandled = unhandledErrors(error => this.machine.uncaught.push(error));
    try {
      this.#judge.define(this.plan.definition);
      this.ground.begin();
      const slowest = Math.max(0, ...(this.plan.writeMs ?? []));
      if (slowest > 0) this.tell({ kind: 'fault', what: `the store takes up to ${slowest} ms to write` });
      await this.#create();
      this.callers.schedule();
      this.#faults.schedule();
      this.followers.schedule();
      await this.#untilRest();
      for (let round = 0; round < MOST_ROUNDS && this.plan.settles && !this.#over; round += 1) {
        // Who goes on may die before it knows: then its heirs do.
        let more = false;
        this.continuing.goOn().then(
          does => {
            more = does;
          },
          error => this.machine.uncaught.push(error),
        );
        await this.#settle();
        if (this.neighbour?.goOn()) more = true;
        await this.#flush();
        if (!more && this.machine.clock.pending === 0) break;
        await this.#untilRest();
      }
      if (!this.#over) await this.#end();
    } finally {
      for (const process of this.processes.values()) process.alive = false;
      await this.#flush();
      interception.current = undefined;
      unhandled();
    }
    return this;
  }

  /** A process that has died, or ended, is followed by another. */
  processAt(index: number): SimulatedProcess {
    const known = this.processes.get(index);
    if (known?.alive) return known;
    const process = new SimulatedProcess(index, this.#around());
    this.processes.set(index, process);
    const { neighbour } = this.plan;
    this.tell({
      kind: 'process.started',
      pid: process.pid,
      ...(neighbour ? { slots: neighbour.slots } : {}),
    });
    return process;
  }

  /** The process that owns the group. */
  get owner(): SimulatedProcess | undefined {
    return [...this.processes.values()].find(({ owns }) => owns);
  }

  #around(): Surroundings {
    return {
      machine: this.machine,
      plan: this.plan,
      lockMachine: pid => this.#faults.lockMachine(pid),
      workspacesOf: process => this.ground.workspacesOf(process),
      commandsOf: process => this.commands.runnerOf(process),
      agentsOf: process => this.agents.of(process),
      inspect: this.#inspect,
      jitter: () => this.#random.of('jitter', this.step).next(),
      onCrash: (process, reaperMs) => this.#faults.crashed(process, reaperMs),
      onHandle: (process, handle) => this.watchers.watch(process, handle),
    };
  }

  get #over(): boolean {
    const { steps = MOST_STEPS } = this.plan;
    if (this.step >= MOST_STEPS) this.violate('I13', 'it never rests');
    return this.violations.length > 0 || this.step >= steps;
  }

  async #create(): Promise<void> {
    const process = this.processAt(0);
    process.takes = true;
    void process.manager
      .create(definitionInput(this.plan.definition))
      .then(async handle => {
        process.adopt(handle);
        await process.serve(handle);
      })
      .catch(error => {
        const outcome = process.alive ? outcomeOf(error) : undefined;
        if (outcome?.outcome === 'untyped') this.violate('I15', `create: ${outcome.message}`);
      });
    await this.#settle();
    this.neighbour?.schedule(process);
  }

  async #untilRest(): Promise<void> {
    while (!this.#over) {
      this.step += 1;
      const more = this.#attempt(() => this.machine.clock.step());
      await this.#settle();
      if (!more && this.machine.clock.pending === 0) return;
    }
  }

  #attempt(run: () => boolean): boolean {
    try {
      return run();
    } catch (error) {
      this.machine.uncaught.push(error);
      return true;
    }
  }

  /** Everything that can go on without time passing has gone on; then the step is looked at. */
  async #settle(): Promise<void> {
    await this.#flush();
    for (const process of this.processes.values()) this.#checkReleased(process);
    this.neighbour?.look();
    await this.watchers.look(this.#told);
    await this.#flush();
    this.#told = false;
    this.#define(this.observer.journal());
    for (const error of this.machine.uncaught.splice(0)) {
      if (!isOfDead(error))
        this.violate('uncaught', error instanceof Error ? `${error.stack}` : String(error));
    }
    this.violations.push(...this.#judge.step());
  }

  async #flush(): Promise<void> {
    for (let turn = 0; turn < MOST_TURNS; turn += 1) {
      await new Promise<void>(resolve => {
        setImmediate(resolve);
      });
      if (this.#calls.immediates === 0) return;
    }
    this.violate('I13', 'a step never ends');
  }

  #checkReleased(process: SimulatedProcess): void {
    const { handle } = process;
    if (handle !== undefined && process.manager.opened(handle.id) === undefined) process.released();
    if (process.alive && process.handle === undefined && process.listening > 0) {
      this.violate('SERVED-1', `${process.pid} listens for a group that it has let go`);
    }
  }

  /** A definition is in force from the record that names it. */
  #define(lines: readonly string[]): void {
    for (const line of lines) {
      if (!line.startsWith('{"type":"group_updated"')) continue;
      try {
        this.updated(JSON.parse(line) as { revision: number });
      } catch {
        // A torn line names nothing.
      }
    }
  }

  updated(event: { readonly revision?: unknown; readonly [field: string]: unknown }): void {
    const { revision } = event;
    if (typeof revision !== 'number' || revision <= this.#revision) return;
    this.#revision = revision;
    this.definition = this.callers.definitionAfter(event) ?? this.definition;
    this.#judge.define(this.definition);
  }

  async #end(): Promise<void> {
    this.rests = true;
    await this.watchers.lookAtAll();
    await this.#flush();
    this.#rest();
    this.violations.push(...this.#judge.step());
    if (this.#over) return;
    await this.#disposeAll();
    this.followers.comeAgain();
    await this.#disposeAll();
    if (this.#over) return;
    this.#rest();
    this.violations.push(...this.#judge.step(), ...this.#judge.end());
  }

  /** Once nothing is due, and again what has come with that. */
  async #disposeAll(): Promise<void> {
    await this.#settle();
    await this.#untilRest();
    this.callers.disposeAll();
    await this.#settle();
    await this.#untilRest();
  }

  get #listeners(): number {
    return [...this.processes.values()].reduce(
      (sum, process) => sum + (process.alive ? process.listening : 0),
      0,
    );
  }

  #rest(): void {
    if (this.plan.delivery) this.ground.tellTrees();
    this.tell({ kind: 'at rest', timers: this.machine.clock.pending, listeners: this.#listeners });
  }
}
