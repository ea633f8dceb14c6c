import type { Machine as LockMachine } from '../../../src/store/machine.ts';
import type { Heir, PlannedFault } from '../plan/plan.ts';
import type { SimulatedProcess } from './process.ts';
import type { Simulation } from './simulation.ts';

/** What breaks, when it is due. */
export class Faults {
  readonly #of: Simulation;
  /** Pids of dead processes that another program has by now. */
  readonly #reused = new Set<number>();
  #heirs = 0;

  constructor(simulation: Simulation) {
    this.#of = simulation;
  }

  schedule(): void {
    const { machine, plan } = this.#of;
    for (const fault of plan.faults) {
      if (fault.kind === 'disk fails' && fault.nth !== undefined) continue; // the machine counts
      if ('at' in fault) machine.clock.setTimeout(() => this.#strike(fault), fault.at);
    }
  }

  /** The machine as the lock of this process sees it. */
  lockMachine(pid: number): LockMachine {
    const processOf = (asked: number): SimulatedProcess | undefined =>
      [...this.#of.processes.values()].find(process => process.pid === asked && process.alive);
    const isAlive = (asked: number): boolean => processOf(asked) !== undefined;
    return {
      host: 'here',
      pid,
      pidNamespace: undefined,
      startTime: asked => (isAlive(asked) ? `${asked}` : this.#reused.has(asked) ? 'later' : undefined),
      exists: asked => isAlive(asked) || this.#reused.has(asked),
      isSuspended: asked => processOf(asked)?.frozen === true,
    };
  }

  #strike(
    fault: Exclude<PlannedFault, { kind: 'crash at the disk' | 'crash in a step' | 'step fails' }>,
  ): void {
    const { machine, owner } = this.#of;
    switch (fault.kind) {
      case 'crash': {
        const process = fault.process === 'owner' ? owner : this.#of.processes.get(fault.process);
        process?.crash(fault.reaperMs);
        return;
      }
      case 'disk fails':
        machine.failFor(fault);
        return;
      case 'disk is slow':
        machine.tell({ kind: 'fault', what: `the disk takes ${fault.by} ms to sync for ${fault.forMs} ms` });
        machine.slowMs = fault.by;
        machine.clock.setTimeout(() => {
          machine.slowMs = 0;
          machine.tell({ kind: 'fault', what: 'the disk is no longer slow' });
        }, fault.forMs);
        return;
      case 'clock jumps':
        machine.tell({ kind: 'fault', what: `the wall clock jumps by ${fault.by} ms`, jumpMs: fault.by });
        machine.jump(fault.by);
        return;
      case 'freeze':
        this.#freeze(owner, fault.forMs);
        return;
      case 'sockets are lost':
        machine.tell({ kind: 'fault', what: 'all sockets are lost' });
        machine.sockets.lose();
        return;
      case 'user':
        this.#of.ground.act(fault, this.#of.observer.groupId);
        return;
      case 'power cut':
        this.#cutPower(fault.torn);
        return;
    }
  }

  #freeze(process: SimulatedProcess | undefined, forMs: number): void {
    if (process === undefined || process.frozen) return;
    const { machine } = this.#of;
    machine.tell({ kind: 'process.frozen', pid: process.pid });
    process.freeze();
    machine.clock.setTimeout(() => {
      if (!process.alive) return;
      machine.tell({ kind: 'process.thawed', pid: process.pid });
      process.thaw();
    }, forMs);
  }

  #cutPower(torn = 0): void {
    const { machine, agents, commands, processes } = this.#of;
    machine.tell({ kind: 'fault', what: `the power is cut${torn > 0 ? ', and writes are torn' : ''}` });
    const live = [...processes.values()].filter(({ alive }) => alive);
    for (const process of live) process.crash(0);
    agents.killAll();
    commands.killAll();
    machine.disk.crash(torn);
  }

  /** Its reaper, if it has one, ends its agents; somebody finds the group later. */
  crashed(process: SimulatedProcess, reaperMs: number | undefined): void {
    const { machine, agents, commands, plan, continuing } = this.#of;
    machine.tell({ kind: 'process.crashed', pid: process.pid, reaped: reaperMs !== undefined });
    if (reaperMs !== undefined) {
      machine.clock.setTimeout(() => {
        agents.reap(process);
        commands.reap(process);
      }, reaperMs);
    }
    if (!process.takes) return;
    const heir: Heir = plan.heirs[this.#heirs] ?? { afterMs: 0, via: 'handle', verb: 'resume' };
    this.#heirs += 1;
    if (heir.pidIsReused) this.#reused.add(process.pid);
    machine.clock.setTimeout(() => void continuing.inherit(heir), heir.afterMs);
  }
}
