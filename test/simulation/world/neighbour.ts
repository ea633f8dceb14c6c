import { isSettledGroup } from '../../../machines/vocabulary.ts';
import type { GroupRunner } from '../../../src/sdk/group/runner.ts';
import { definitionInput } from '../plan/definitions.ts';
import type { PlannedNeighbour } from '../plan/plan.ts';
import { outcomeOf } from './outcome.ts';
import type { SimulatedProcess } from './process.ts';
import type { Simulation } from './simulation.ts';

/** How often somebody goes on with it at rest. */
const MOST_ROUNDS = 6;
const HOLDING: ReadonlySet<string> = new Set(['preparing', 'running', 'awaiting_approval', 'interrupting']);

/** Another group of the same managers, which shares their slots. Of it, only its agents and its slots are told. */
export class Neighbour {
  readonly #of: Simulation;
  readonly #plan: PlannedNeighbour;
  readonly #seen = new Map<number, string>();
  #id: string | undefined;
  #rounds = 0;

  constructor(simulation: Simulation, plan: PlannedNeighbour) {
    this.#of = simulation;
    this.#plan = plan;
  }

  schedule(process: SimulatedProcess): void {
    const { startMs, pause, definition } = this.#plan;
    process.clock.setTimeout(() => {
      this.#attempt(process, async () => {
        const handle = process.adopt(await process.manager.create(definitionInput(definition, 'Neighbour')));
        this.#id = handle.id;
        await handle.run();
      });
    }, startMs);
    if (pause === undefined) return;
    const ask = (does: (handle: GroupRunner) => Promise<unknown>) => () => {
      const { neighbour } = process;
      if (neighbour) this.#attempt(process, () => does(neighbour));
    };
    process.clock.setTimeout(
      ask(handle => handle.pause()),
      pause.at,
    );
    process.clock.setTimeout(
      ask(handle => handle.resume()),
      pause.at + pause.forMs,
    );
  }

  /** Who has found the group without an owner finds its neighbour, too. */
  continueIn(process: SimulatedProcess): void {
    const id = this.#id;
    if (id === undefined) return;
    this.#attempt(process, async () => {
      const handle = await process.manager.open(id);
      await (handle.getProgress().status === 'created' ? handle.run() : handle.resume());
    });
  }

  /** At rest; false if there is nothing to do. */
  goOn(): boolean {
    if (this.#id === undefined || this.#rounds >= MOST_ROUNDS) return false;
    this.#rounds += 1;
    const owner = [...this.#of.processes.values()].find(({ alive, neighbour }) => alive && neighbour);
    if (owner === undefined) {
      this.continueIn(this.#of.owner ?? this.#of.processAt(OTHER));
      return true;
    }
    const status = owner.neighbour?.getProgress().status;
    if (status === undefined || isSettledGroup(status) || owner.frozen) return false;
    this.continueIn(owner);
    return true;
  }

  /** Tells how it stands. */
  look(): void {
    for (const { pid, alive, frozen, neighbour } of this.#of.processes.values()) {
      if (!alive || frozen || neighbour === undefined) continue;
      const { status, sessions } = neighbour.getProgress();
      const running = status === 'running';
      const holding = sessions.filter(one => HOLDING.has(one.status)).length;
      const text = `${running} ${holding}`;
      if (this.#seen.get(pid) === text) continue;
      this.#seen.set(pid, text);
      this.#of.tell({ kind: 'neighbour.seen', pid, holding, running });
    }
  }

  #attempt(process: SimulatedProcess, does: () => Promise<unknown>): void {
    does().catch(error => {
      const outcome = process.alive ? outcomeOf(error) : undefined;
      if (outcome?.outcome === 'untyped') this.#of.violate('I15', `the neighbour: ${outcome.message}`);
    });
  }
}

const OTHER = 4;
