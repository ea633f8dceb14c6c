import { Duplex } from 'node:stream';
import type { InspectionEvent } from 'xstate';
import { type GroupService, serveGroup } from '../../../src/control/serve-group.ts';
import type { Sockets, WireSocket } from '../../../src/control/wire/sockets.ts';
import type { Clock } from '../../../src/sdk/clock.ts';
import type { CommandRunner } from '../../../src/sdk/delivery/run-commands.ts';
import { FORMAT } from '../../../src/sdk/group/journal/format.ts';
import { GroupManager } from '../../../src/sdk/group/manager.ts';
import type { GroupRunner } from '../../../src/sdk/group/runner.ts';
import { QuotaGate } from '../../../src/sdk/group/schedule/quota-gate.ts';
import type { GroupStore } from '../../../src/sdk/group/store/store.ts';
import { memoryProjectGate } from '../../../src/sdk/project/project-gate.ts';
import type { Agent } from '../../../src/sdk/session/agent.ts';
import type { WorkspacePort } from '../../../src/sdk/workspace/port.ts';
import { fileStore } from '../../../src/store/file-store.ts';
import type { Machine as LockMachine } from '../../../src/store/machine.ts';
import { laterStore } from '../../support/later-store.ts';
import { MACHINE } from '../plan/definitions.ts';
import type { Plan } from '../plan/plan.ts';
import { Random } from '../random.ts';
import type { Life, Machine } from './machine.ts';
import { RUNTIME } from './machine-calls.ts';
import { ProcessDisk, ProcessIsDead } from './process-disk.ts';

export const DATA = `${MACHINE}/data`;

/** Whether this is another group than the one that is watched. */
export const isNeighbour = (id: string): boolean => id.endsWith('-neighbour');

/** What a process shares with the others of its machine. */
export interface Surroundings {
  readonly machine: Machine;
  readonly plan: Plan;
  readonly lockMachine: (pid: number) => LockMachine;
  readonly workspacesOf: (process: SimulatedProcess) => WorkspacePort;
  readonly commandsOf: (process: SimulatedProcess) => CommandRunner;
  readonly agentsOf: (process: SimulatedProcess) => Readonly<Record<string, Agent>>;
  readonly jitter: () => number;
  readonly inspect: ((event: InspectionEvent) => void) | undefined;
  readonly onCrash: (process: SimulatedProcess, reaperMs: number | undefined) => void;
  readonly onHandle: (process: SimulatedProcess, handle: GroupRunner) => void;
}

/**
 * A process of the simulated machine, with a view of its own of clock, disk and sockets. Once it is dead, nothing that
 * its code still does reaches anything: its timers never fire, its disk throws, its sockets are closed.
 */
export class SimulatedProcess implements Life {
  readonly pid: number;
  readonly index: number;
  readonly clock: Clock;
  readonly store: GroupStore;
  readonly sockets: Sockets;
  readonly manager: GroupManager;
  alive = true;
  frozen = false;
  /** It means to own the group: somebody continues when it dies. */
  takes = false;
  /** The group that it owns, or is about to. */
  handle: GroupRunner | undefined;
  served: GroupService | undefined;
  /** The neighbour's group, once it has been opened here. */
  neighbour: GroupRunner | undefined;
  readonly #around: Surroundings;
  readonly #open = new Set<WireSocket>();
  readonly #addresses = new Set<string>();
  /** Called at each disk operation of its own. */
  onDisk: () => void = () => {};
  readonly #accepted: (() => void)[] = [];

  constructor(index: number, around: Surroundings) {
    const { machine, plan } = around;
    this.index = index;
    this.#around = around;
    this.pid = machine.newPid();
    this.clock = machine.clockOf(this);
    const disk = new ProcessDisk(machine.disk, this.#fate());
    this.store = this.#storeOf(
      fileStore(
        { disk, machine: around.lockMachine(this.pid), format: FORMAT },
        {
          dataDir: DATA,
          durability: plan.durability,
          snapshotEveryBytes: plan.snapshotEvery,
          clock: this.clock,
        },
      ),
    );
    this.sockets = this.#socketsOf();
    this.manager = new GroupManager({
      store: this.store,
      clock: this.clock,
      agents: around.agentsOf(this),
      workspaces: around.workspacesOf(this),
      commands: around.commandsOf(this),
      projects: memoryProjectGate(),
      quota: new QuotaGate(this.clock, around.jitter),
      env: {},
      attended: true,
      ...(plan.neighbour ? { maxConcurrentSessions: plan.neighbour.slots } : {}),
      ...(around.inspect ? { inspect: around.inspect } : {}),
    });
    const open = this.manager.open.bind(this.manager);
    this.manager.open = async (...given) => this.adopt(await open(...given));
  }

  /** It has become the owner of the group, or of its neighbour. */
  adopt(handle: GroupRunner): GroupRunner {
    if (isNeighbour(handle.id)) this.neighbour = handle;
    else if (this.alive && this.handle !== handle) {
      this.handle = handle;
      this.#around.onHandle(this, handle);
    }
    return handle;
  }

  /** Other processes can control its group from now on. */
  async serve(handle: GroupRunner): Promise<GroupService> {
    const served = serveGroup(handle, this.clock, this.sockets);
    this.served = served;
    await served.serve();
    return served;
  }

  get owns(): boolean {
    return this.alive && this.handle !== undefined;
  }

  /** How many groups it listens for. */
  get listening(): number {
    return [...this.#addresses].filter(address => address.startsWith(RUNTIME)).length;
  }

  released(): void {
    this.handle = undefined;
    this.served = undefined;
  }

  crash(reaperMs: number | undefined): void {
    if (!this.alive) return;
    this.exit();
    this.#around.onCrash(this, reaperMs);
  }

  /** The system closes what it has left open. */
  exit(): void {
    this.alive = false;
    this.released();
    for (const address of this.#addresses) this.#around.machine.sockets.kill(address);
    for (const socket of [...this.#open]) socket.destroy();
  }

  freeze(): void {
    this.frozen = true;
    for (const socket of this.#open) if (socket instanceof Duplex) socket.pause();
  }

  thaw(): void {
    this.frozen = false;
    for (const socket of this.#open) if (socket instanceof Duplex) socket.resume();
    for (const accept of this.#accepted.splice(0)) accept();
    this.#around.machine.thawed();
  }

  /** How many records it has still to write. */
  unwritten = 0;

  /** What it has not written when it dies is lost. */
  #storeOf(store: GroupStore): GroupStore {
    const { writeMs, seed } = this.#around.plan;
    if (!writeMs) return store;
    const random = new Random(seed).of('writes', this.pid);
    const { clock } = this;
    const inTurns: Clock = {
      ...clock,
      setTimeout: (write, ms) => (ms > 0 ? clock.setTimeout(write, ms) : setImmediate(write)),
    };
    return laterStore(store, {
      clock: inTurns,
      delay: () => random.pick(writeMs),
      pick: count => random.int(0, count - 1),
      lifeOf: () => () => this.alive,
      onPending: more => {
        this.unwritten += more;
      },
    });
  }

  #fate() {
    const { machine } = this.#around;
    const isAlive = (): boolean => this.alive;
    return {
      get alive() {
        return isAlive();
      },
      get slowMs() {
        return machine.slowMs;
      },
      before: (operation: string, path: string) => {
        this.onDisk();
        return machine.beforeDisk(operation, path, reaperMs => {
          this.crash(reaperMs);
          throw new ProcessIsDead();
        });
      },
      wait: (ms: number) =>
        new Promise<void>(resolve => {
          this.clock.setTimeout(resolve, ms);
        }),
    };
  }

  #socketsOf(): Sockets {
    const { sockets } = this.#around.machine;
    const keep = (socket: WireSocket): WireSocket => {
      this.#open.add(socket);
      socket.once('close', () => this.#open.delete(socket));
      return socket;
    };
    const never = new Promise<never>(() => {});
    return {
      connect: async (address, signal) => (this.alive ? keep(await sockets.connect(address, signal)) : never),
      listen: async (address, accept) => {
        if (!this.alive) return never;
        const listener = await sockets.listen(address, socket => {
          const untaken = (): void => {}; // until it is taken, the system has it
          socket.on('error', untaken);
          const take = (): void => {
            if (socket.destroyed) return; // lost before it was taken
            accept(keep(socket));
            socket.off('error', untaken);
          };
          if (!this.alive) socket.destroy();
          else if (this.frozen) this.#accepted.push(take);
          else take();
        });
        this.#addresses.add(address);
        return {
          close: () => {
            this.#addresses.delete(address);
            return this.alive ? listener.close() : never;
          },
        };
      },
      isSocket: () => sockets.isSocket(),
      remove: address => {
        if (this.alive) sockets.remove(address);
      },
    };
  }
}
