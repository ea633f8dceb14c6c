import type { Observation, Pid, SeenEvent, SimulatedDefinition, Violation } from '../history.ts';
import { type Concern, type Court, listOf, type Machine } from './concern.ts';
import { expanded } from './truth/fan-outs.ts';
import { Journal } from './truth/journal.ts';
import { Neighbours } from './truth/neighbours.ts';
import { Runs } from './truth/runs.ts';
import { Truth } from './truth/truth.ts';

/** Words by which the world names faults after which the journal may lag behind what is shown. */
const DISK = /fail with|ENOSPC|EIO|EROFS|disk full|short write/i;
const MENDED = /works again/i;
const POWER = /power/i;

interface ProcessSeen {
  state: Machine;
  reaped: boolean;
  since: number;
}

/** Hands what is seen to the concerns, and folds the journal to the truth between them. */
export class Bench implements Court {
  readonly truth: Truth;
  readonly runs = new Runs();
  readonly neighbours = new Neighbours();
  readonly processes = new Map<Pid, ProcessSeen>();
  readonly trouble = { disk: false, clock: false };
  at = 0;
  step = 0;
  owner: Pid | undefined;
  ownerless = false;
  surelyOwnerless = false;
  /** The owner died or let go in this step: what is written in it may be older or newer than that. */
  #releasedNow = false;
  #ownedNow = false;
  #startedNow = false;
  seenSeq = -1;
  readonly journal: Journal;
  readonly #concerns: readonly Concern[];
  /** Events that have been written and not judged: the first is an update whose definition is not known yet. */
  #waiting: SeenEvent[] = [];
  #definitions: SimulatedDefinition[] = [];
  #violations: Violation[] = [];
  readonly #said = new Set<string>();
  /** Requests after which another process, or none, owns the group. */
  readonly #changing = new Map<number, { readonly pid: Pid; readonly opens: boolean }>();
  #powerCut = false;
  #diskFails = false;
  #advanced = false;

  constructor(definition: SimulatedDefinition, concerns: readonly ((court: Court) => Concern)[]) {
    this.truth = new Truth(expanded(definition));
    this.journal = new Journal((rule, message) => this.report(rule, message));
    this.#concerns = concerns.map(concern => concern(this));
  }

  report(rule: string, message: string): void {
    const key = `${rule} ${message}`;
    if (this.#said.has(key)) return;
    this.#said.add(key);
    this.#violations.push({ rule, message, step: this.step });
  }

  redefine(definition: SimulatedDefinition): void {
    this.#definitions.push(definition);
    this.#judge();
  }

  see(observation: Observation): void {
    this.at = observation.at;
    this.step = observation.step;
    this.#machine(observation);
    this.runs.see(observation);
    this.neighbours.see(observation);
    for (const concern of this.#concerns) concern.see?.(observation);
    if (observation.kind !== 'journal') return;
    const events = this.journal.read(observation.lines, this.trouble.clock, this.#powerCut);
    if (events.length > 0) {
      this.trouble.clock = false;
      this.#advanced = true;
    }
    if (this.journal.shrunk) this.#restart();
    else this.#waiting.push(...events);
    this.#judge();
  }

  step_(): readonly Violation[] {
    this.#mend();
    if (this.#releasedNow) {
      this.ownerless = true;
      this.surelyOwnerless = !this.#ownedNow;
    }
    if (this.#startedNow) this.ownerless = this.surelyOwnerless = false;
    this.#releasedNow = this.#ownedNow = this.#startedNow = false;
    // While the definition of an update is not known, the truth lags behind.
    if (this.#waiting.length === 0) for (const concern of this.#concerns) concern.step?.();
    this.#powerCut = false;
    return this.#violations.splice(0);
  }

  end(): readonly Violation[] {
    if (this.#waiting.length > 0) this.report('world', 'an update took effect and was never defined');
    else for (const concern of this.#concerns) concern.end?.();
    return this.#violations.splice(0);
  }

  #judge(): void {
    for (let event = this.#waiting[0]; event !== undefined; event = this.#waiting[0]) {
      const definition = event.type === 'group_updated' ? this.#definitionAfter(event) : undefined;
      if (event.type === 'group_updated' && definition === undefined) return;
      this.#waiting.shift();
      for (const concern of this.#concerns) concern.before?.(event);
      if (definition !== undefined) this.truth.redefine(definition);
      this.truth.now = this.at;
      this.truth.apply(event);
      for (const concern of this.#concerns) concern.after?.(event);
      if (!OWNED.test(event.type)) continue;
      this.#ownedNow = true;
      this.surelyOwnerless = false;
      if (!this.#releasedNow) this.ownerless = false;
    }
  }

  /** The first definition that has been told of and has the sessions that the event says. */
  #definitionAfter(event: SeenEvent): SimulatedDefinition | undefined {
    const ids = new Set(this.truth.sessions.keys());
    for (const id of listOf(event.removed)) ids.delete(id);
    for (const id of listOf(event.added)) ids.add(id);
    const before = this.truth.definition.sessions;
    const all = this.#definitions.map(one => expanded(one, before, listOf(event.added)));
    const at = all.findIndex(
      ({ sessions }) => sessions.length === ids.size && sessions.every(({ id }) => ids.has(id)),
    );
    if (at >= 0) this.#definitions.splice(0, at + 1);
    return all[at];
  }

  /** The power has been cut: what had not been synced is gone. */
  #restart(): void {
    const events = this.journal.events;
    this.truth.restart();
    for (const event of events) this.truth.apply(event);
    this.seenSeq = Math.min(this.seenSeq, events.length - 1);
  }

  #mend(): void {
    if (this.trouble.disk && !this.#diskFails && this.#advanced && this.journal.next > this.seenSeq) {
      this.trouble.disk = false;
    }
    this.#advanced = false;
  }

  #machine(seen: Observation): void {
    switch (seen.kind) {
      case 'process.started':
        if (this.processes.size === 0) this.owner = seen.pid;
        this.#become(seen.pid, 'alive');
        return;
      case 'process.frozen':
        this.#become(seen.pid, 'frozen');
        return;
      case 'process.thawed':
        this.#become(seen.pid, 'alive');
        return;
      case 'process.crashed':
      case 'process.exited': {
        const died = seen.kind === 'process.crashed';
        this.#become(seen.pid, died ? 'crashed' : 'exited', died && seen.reaped);
        this.#released(seen.pid);
        return;
      }
      case 'fault':
        if (DISK.test(seen.what)) this.trouble.disk = this.#diskFails = true;
        if (MENDED.test(seen.what)) this.#diskFails = false;
        if (POWER.test(seen.what)) this.#powerCut = true;
        if (seen.jumpMs !== undefined || /clock/i.test(seen.what)) {
          this.trouble.clock = true;
          this.runs.disturb();
        }
        return;
      case 'agent.started':
        this.owner = seen.pid;
        this.#releasedNow = false;
        this.#startedNow = true;
        return;
      case 'event':
        if (this.processes.get(seen.pid)?.state === 'alive')
          this.seenSeq = Math.max(this.seenSeq, seen.event.seq);
        return;
      case 'request':
        if (/^(open|dispose|archive|delete)$/.test(seen.verb)) {
          this.#changing.set(seen.id, { pid: seen.pid, opens: seen.verb === 'open' });
        }
        return;
      case 'answer': {
        const changing = this.#changing.get(seen.id);
        if (changing === undefined || seen.outcome !== 'accepted') return;
        if (changing.opens) this.owner = changing.pid;
        else this.#released(changing.pid);
        return;
      }
    }
  }

  #become(pid: Pid, state: Machine, reaped = false): void {
    this.processes.set(pid, { state, reaped, since: this.at });
  }

  #released(pid: Pid): void {
    if (this.owner !== undefined && this.owner !== pid) return;
    // Somebody has gone on with it, and has not been seen to own it: it may be this one.
    if (this.owner === undefined && !this.ownerless) this.#ownedNow = true;
    this.owner = undefined;
    this.#releasedNow = true;
    this.#startedNow = false;
    this.ownerless = true;
    // What it had shown and not written is lost with it.
    this.seenSeq = Math.min(this.seenSeq, this.journal.next - 1);
  }
}

/** Somebody has taken the group over. */
const OWNED = /^group_(started|resumed|paused|stopping|retried|stopped|completed|failed)$/;
