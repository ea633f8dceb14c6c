import type { Clock } from '../../../src/sdk/clock.ts';
import { SimulatedClock } from '../../../src/sdk/simulated-clock.ts';
import { MemoryDisk } from '../../support/memory-disk.ts';
import { MemorySockets } from '../../support/memory-sockets.ts';
import type { Happening } from '../history.ts';
import type { Plan, PlannedFault } from '../plan/plan.ts';
import { FIRST_PID, failure } from './machine-calls.ts';
import { type AfterEffect, ProcessIsDead, ShortWrite } from './process-disk.ts';

/** A life on the machine: a process, or an agent's. Its timers fire while it lives and is not frozen. */
export interface Life {
  readonly alive: boolean;
  readonly frozen: boolean;
}

interface Timer {
  readonly life: Life;
  readonly run: () => void;
  inner: unknown;
}

type DiskFailure = Extract<PlannedFault, { kind: 'disk fails' }>;
type DiskCrash = Extract<PlannedFault, { kind: 'crash at the disk' }>;

/** A machine whose time, disk and sockets all its processes share. */
export class Machine {
  readonly clock = new SimulatedClock();
  readonly disk = new MemoryDisk();
  readonly sockets: MemorySockets;
  readonly #tell: (happening: Happening) => void;
  /** What was thrown where nobody catches it. */
  readonly uncaught: unknown[] = [];
  #lastPid = FIRST_PID;
  #skewMs = 0;
  #frozen: Timer[] = [];
  readonly #failures = new Set<DiskFailure>();
  /** Files to which the last write was a short one: there is no room for the rest. */
  readonly #full = new Set<string>();
  /** Full disks on which a journal's reserve has been given up: there is room now, but for another reserve. */
  readonly #roomy = new Set<DiskFailure>();
  readonly #crashes: { readonly fault: DiskCrash; left: number }[];
  /** Failures that begin with an operation. */
  readonly #coming: { readonly fault: DiskFailure; left: number }[];
  slowMs = 0;

  constructor(
    tell: (happening: Happening) => void,
    { faults, socketBytes }: Pick<Plan, 'faults' | 'socketBytes'>,
  ) {
    this.#tell = tell;
    this.sockets = new MemorySockets(socketBytes);
    this.#crashes = faults.flatMap(fault =>
      fault.kind === 'crash at the disk' ? [{ fault, left: fault.nth }] : [],
    );
    this.#coming = faults.flatMap(fault =>
      fault.kind === 'disk fails' && fault.nth !== undefined ? [{ fault, left: fault.nth }] : [],
    );
  }

  tell(happening: Happening): void {
    this.#tell(happening);
  }

  /** Wall time: what a process and an agent take for the time of day. */
  now(): number {
    return this.clock.now() + this.#skewMs;
  }

  jump(byMs: number): void {
    this.#skewMs += byMs;
  }

  newPid(): number {
    this.#lastPid += 1;
    return this.#lastPid;
  }

  /** The clock as this life sees it. */
  clockOf(life: Life): Clock {
    return {
      now: () => this.now(),
      monotonic: () => this.clock.monotonic(),
      setTimeout: (run, ms) => this.#arm({ life, run, inner: undefined }, ms),
      clearTimeout: handle => this.#disarm(handle as Timer | undefined),
    };
  }

  #arm(timer: Timer, ms: number): Timer | undefined {
    if (!timer.life.alive) return undefined;
    timer.inner = this.clock.setTimeout(() => {
      if (!timer.life.alive) return;
      if (timer.life.frozen) this.#frozen.push(timer);
      else this.attempt(timer.run);
    }, ms);
    return timer;
  }

  #disarm(timer: Timer | undefined): void {
    if (timer === undefined) return;
    this.clock.clearTimeout(timer.inner);
    this.#frozen = this.#frozen.filter(one => one !== timer);
  }

  /** What came due meanwhile is due now. */
  thawed(): void {
    for (const timer of this.#frozen.splice(0)) this.#arm(timer, 0);
  }

  attempt(run: () => void): void {
    try {
      run();
    } catch (error) {
      if (!(error instanceof ProcessIsDead)) this.uncaught.push(error);
    }
  }

  failFor(fault: DiskFailure): void {
    this.#tell({
      kind: 'fault',
      what: `${fault.operations.join(', ')} of ${fault.file} fail with ${fault.code} for ${fault.forMs} ms`,
    });
    this.#failures.add(fault);
    this.clock.setTimeout(() => {
      this.#failures.delete(fault);
      this.#tell({ kind: 'fault', what: 'the disk works again' });
    }, fault.forMs);
  }

  mendDisk(): void {
    this.#failures.clear();
    this.slowMs = 0;
  }

  /** Whether an operation of a process fails, and whether the process dies in it. */
  beforeDisk(
    operation: string,
    path: string,
    die: (reaperMs: number | undefined) => never,
  ): AfterEffect | undefined {
    for (const coming of this.#coming) {
      const { fault } = coming;
      if (!fault.operations.includes(operation) || !touches(fault.file, path)) continue;
      coming.left -= 1;
      if (coming.left === 0) this.failFor(fault);
    }
    for (const fault of this.#failures) {
      if (!fault.operations.includes(operation) || !touches(fault.file, path)) continue;
      if (this.#roomy.has(fault) && !path.includes(RESERVE)) continue;
      if (operation === 'write' && fault.short !== undefined && !this.#full.delete(path)) {
        this.#full.add(path);
        throw new ShortWrite(fault.short);
      }
      throw failure(fault.code, operation, path);
    }
    if (operation === 'unlink' && path.includes(RESERVE)) {
      for (const fault of this.#failures) if (fault.code === 'ENOSPC') this.#roomy.add(fault);
    }
    for (const crash of this.#crashes) {
      const { fault } = crash;
      if (fault.operation !== 'any' && fault.operation !== operation) continue;
      if (!touches(fault.file, path)) continue;
      crash.left -= 1;
      if (crash.left !== 0) continue;
      this.#tell({
        kind: 'fault',
        what: `the process dies ${fault.moment === 'torn' ? 'in' : fault.moment} ${operation} ${path}`,
      });
      if (fault.moment === 'before') die(fault.reaperMs);
      return { torn: fault.moment === 'torn', die: () => die(fault.reaperMs) };
    }
    return undefined;
  }
}

const RESERVE = 'journal.reserve';

const touches = (file: string, path: string): boolean => file === 'any' || path.includes(file);
