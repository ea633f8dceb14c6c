import { isSettledGroup } from '../../../machines/vocabulary.ts';
import type { Heir } from '../plan/plan.ts';
import type { SimulatedProcess } from './process.ts';
import type { Simulation } from './simulation.ts';

const LATER_MS = 9 * 3_600_000;

/** Whoever continues a group that nobody runs. */
export class Continuing {
  readonly #of: Simulation;
  #processes = 10;
  #retries = 0;
  #askedForGone = false;

  constructor(simulation: Simulation) {
    this.#of = simulation;
  }

  #newProcess(): SimulatedProcess {
    this.#processes += 1;
    return this.#of.processAt(this.#processes);
  }

  /** A process finds the group without an owner, and is asked to go on with it. */
  async inherit({ via, verb, rivalAt, leavesAfterMs }: Heir): Promise<void> {
    const { callers, observer, owner } = this.#of;
    const { groupId } = observer;
    if (groupId === undefined || owner) return;
    const process = this.#newProcess();
    process.takes = true;
    if (rivalAt !== undefined) this.#rival(process, groupId, rivalAt);
    if (leavesAfterMs !== undefined) {
      process.clock.setTimeout(() => void callers.ask(process, 'handle', 'dispose', {}), leavesAfterMs + 10);
    }
    void this.#of.neighbour?.continueIn(process);
    if (via === 'http' || verb === 'delete') {
      await callers.ask(process, via === 'http' ? via : 'manager', verb, {});
      return;
    }
    if ((await callers.ask(process, 'manager', 'open', {})) === 'accepted') {
      await callers.ask(process, 'handle', verb, {});
    }
  }

  /** Another process takes the group in the midst of this one's nth disk operation. */
  #rival(process: SimulatedProcess, groupId: string, nth: number): void {
    let left = nth;
    process.onDisk = () => {
      left -= 1;
      if (left !== 0) return;
      process.onDisk = () => {};
      const rival = this.#newProcess();
      rival.takes = true;
      const taken = rival.store.take(groupId);
      taken.catch(() => {});
      const { take } = rival.store;
      rival.store.take = () => {
        rival.store.take = take;
        return taken;
      };
      void this.#of.callers.ask(rival, 'manager', 'open', {});
    };
  }

  #retry(): boolean {
    this.#retries += 1;
    return this.#retries <= this.#of.plan.retries;
  }

  /** Once: what has been deleted can be neither opened, resumed nor deleted. */
  #askForGone(): boolean {
    if (this.#askedForGone) return false;
    this.#askedForGone = true;
    const { callers } = this.#of;
    const process = this.#newProcess();
    void callers.ask(process, 'manager', 'open', {});
    void callers.ask(process, 'http', 'resume', {});
    void callers.ask(process, 'http', 'delete', {});
    return true;
  }

  /** At rest: does what is left to do for the group to settle; false if nothing is. */
  async goOn(): Promise<boolean> {
    const { callers, machine, observer, owner } = this.#of;
    machine.mendDisk();
    if (observer.groupId === undefined) return false;
    if (observer.isGone) return this.#askForGone();
    if (owner === undefined) {
      const settled = isSettledGroup(await observer.status(this.#of.processAt(3)));
      if (settled && !this.#retry()) return false;
      await this.inherit({ afterMs: 0, via: 'handle', verb: settled ? 'retry' : 'resume' });
      return true;
    }
    const { handle } = owner;
    if (handle === undefined || owner.frozen) return false;
    const { status, why, sessions } = handle.getProgress();
    if (isSettledGroup(status)) {
      if (!this.#retry()) return false;
      return (await callers.ask(owner, 'handle', 'retry', {})) === 'accepted';
    }
    if (status === 'created') void callers.ask(owner, 'handle', 'run', {});
    else {
      for (const session of sessions) {
        if (session.why?.kind !== 'paused' || session.why.reason !== 'held') continue;
        void callers.ask(owner, 'handle', 'resumeSession', { session: session.id });
      }
      if (why?.kind === 'quota' || (why?.kind === 'paused' && why.reason === 'quota')) {
        machine.clock.advance(LATER_MS);
      }
      const usd = why?.kind === 'budget' ? { usd: 'none' as const } : {};
      void callers.ask(owner, 'handle', 'resume', usd);
    }
    return true;
  }
}
