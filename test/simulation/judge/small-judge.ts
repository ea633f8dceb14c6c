import type { Judge, Observation, SimulatedDefinition, Violation } from '../history.ts';

/** The simple rules only; makes way for the oracle. */
export class SmallJudge implements Judge {
  #definition: SimulatedDefinition | undefined;
  readonly #found: Violation[] = [];
  readonly #live = new Map<number, { session: string; project: string }>();
  readonly #seqs = new Map<string, number>();

  define(definition: SimulatedDefinition): void {
    this.#definition = definition;
  }

  see(observation: Observation): void {
    const wrong = (rule: string, message: string): void => {
      this.#found.push({ rule, message, step: observation.step });
    };
    switch (observation.kind) {
      case 'answer':
        if (observation.outcome === 'untyped') wrong('I15', `request ${observation.id}: ${observation.message}`);
        return;
      case 'agent.started': {
        const live = [...this.#live.values()];
        if (live.some(({ session }) => session === observation.session)) wrong('I1', `${observation.session} twice`);
        const { maxConcurrent = 0, maxPerProject = 0 } = this.#definition ?? {};
        this.#live.set(observation.run, observation);
        if (live.length >= maxConcurrent) wrong('I3', `${live.length + 1} runs of ${maxConcurrent}`);
        const beside = live.filter(({ project }) => project === observation.project);
        if (beside.length >= maxPerProject) wrong('I3', `${beside.length + 1} runs in ${observation.project}`);
        return;
      }
      case 'agent.ended':
        this.#live.delete(observation.run);
        return;
      case 'event': {
        const { watcher, event } = observation;
        const expected = this.#seqs.get(watcher) ?? event.seq;
        if (event.seq !== expected) wrong('I11', `${watcher} sees ${event.seq} instead of ${expected}`);
        this.#seqs.set(watcher, event.seq + 1);
        return;
      }
      case 'at rest':
        if (this.#live.size > 0) wrong('I7', `${this.#live.size} runs are alive at rest`);
        return;
      default:
    }
  }

  step(): readonly Violation[] {
    return this.#found.splice(0);
  }

  end(): readonly Violation[] {
    return [];
  }
}
