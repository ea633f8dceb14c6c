import { ownersAt } from '../../../src/control/reach.ts';
import { connectControl } from '../../../src/control/wire/client.ts';
import { OwnerGoneError } from '../../../src/control/wire/failure.ts';
import type { Happening, Verb, Via } from '../history.ts';
import { changed } from '../plan/definitions.ts';
import type { Arguments, PlannedAction, PlannedChange, PlannedDefinition } from '../plan/plan.ts';
import { type Call, throughControl, throughHandle, throughWeb, updateThrough } from './calls.ts';
import { isOfDead, outcomeOf, outcomeOfWeb } from './outcome.ts';
import type { SimulatedProcess } from './process.ts';
import type { Simulation } from './simulation.ts';
import { type Site, siteOf, type WebAnswer } from './watching/web.ts';

type Outcome = Extract<Happening, { kind: 'answer' }>['outcome'];
type Send = () => Promise<unknown> | undefined;

const BY_MANAGER: readonly Verb[] = ['open', 'archive', 'delete'];
const NOT_OVER_THE_WIRE: readonly Verb[] = ['run', 'open', 'archive', 'delete', 'dispose'];

/** Everyone who asks the engine for something. */
export class Callers {
  readonly #of: Simulation;
  readonly #sites = new Map<SimulatedProcess, Site>();
  readonly #seen = new Map<string, number>();
  #waiting: readonly PlannedAction[] = [];
  /** Updates that may still come into force, oldest first. */
  #updates: PendingUpdate[] = [];
  #requests = 0;
  #answers = 0;

  constructor(simulation: Simulation) {
    this.#of = simulation;
  }

  schedule(): void {
    const { clock } = this.#of.machine;
    const turns = new Map<number, PlannedAction[]>();
    const { actions } = this.#of.plan;
    this.#waiting = actions.filter(({ at }) => 'event' in at);
    for (const action of actions) {
      if ('ms' in action.at) turns.set(action.at.ms, [...(turns.get(action.at.ms) ?? []), action]);
    }
    for (const [ms, turn] of turns) {
      clock.setTimeout(() => {
        for (const action of turn) this.#act(action);
      }, ms);
    }
  }

  /** A subscriber gets this event: some call from within it. */
  within({ type, ...event }: Readonly<Record<string, unknown>> & { readonly type: string }): void {
    if (type === 'approval_requested') this.#person(`${event.requestId}`);
    const nth = (this.#seen.get(type) ?? 0) + 1;
    this.#seen.set(type, nth);
    for (const action of this.#waiting) {
      if ('event' in action.at && action.at.event === type && action.at.nth === nth) this.#act(action);
    }
  }

  /** A person has seen a permission request. */
  #person(requestId: string): void {
    const answer = this.#of.plan.person[this.#answers];
    this.#answers += 1;
    if (answer === undefined || answer.decision === 'ignores') return;
    const { afterMs, via, decision } = answer;
    this.#of.machine.clock.setTimeout(() => {
      const process = via === 'handle' ? this.#of.owner : this.#of.processAt(1);
      if (process?.alive && !process.frozen) void this.ask(process, via, 'answer', { decision, requestId });
    }, afterMs);
  }

  #act({ process: index, via, verb, args }: PlannedAction): void {
    const process = index === 'owner' ? this.#of.owner : this.#of.processAt(index);
    if (process?.alive && !process.frozen) void this.ask(process, via, verb, args);
  }

  site(process: SimulatedProcess): Site {
    const site = this.#sites.get(process) ?? siteOf(process);
    this.#sites.set(process, site);
    return site;
  }

  /** Sends a request the given way; undefined if the process has no such way now. */
  ask(
    process: SimulatedProcess,
    via: Via,
    verb: Verb,
    args: Arguments,
  ): Promise<Outcome | undefined> | undefined {
    const { groupId } = this.#of.observer;
    if (groupId === undefined) return undefined;
    const { asked } = this.#of.agents;
    const requestId = args.requestId ?? asked.at(-1)?.requestId ?? 'nobody asked';
    const open = asked.find(one => one.requestId === requestId);
    const call: Call = { verb, args, definition: this.#of.definition, requestId, groupId };
    const managed = BY_MANAGER.includes(verb) || args.change !== undefined;
    const way = via === 'manager' && !managed ? 'handle' : via;
    const send = this.#way(process, way, call, open?.session ?? 's0');
    if (send === undefined) return undefined;
    if (verb === 'delete') this.#of.observer.mayGo();
    this.#requests += 1;
    const id = this.#requests;
    const about = verb === 'answer' ? { requestId } : {};
    this.#of.tell({ kind: 'request', id, pid: process.pid, via: way, verb, args: { ...args, ...about } });
    if (args.change) {
      const isWhole = way === 'http' || args.change.kind === 'limit' || args.change.kind === 'values';
      this.#updates.push({ id, change: args.change, ...(isWhole ? { from: call.definition } : {}) });
    }
    const answer = (outcome: ReturnType<typeof outcomeOf>): Outcome | undefined => {
      if (outcome === undefined || !process.alive) return undefined;
      this.#of.tell({ kind: 'answer', id, ...outcome });
      // What an owner that died was asked for may still come.
      if (outcome.outcome === 'refused') this.#updates = this.#updates.filter(one => one.id !== id);
      if (verb === 'dispose') this.#exit(process);
      return outcome.outcome;
    };
    return Promise.resolve()
      .then(send)
      .then(
        result => answer(way === 'http' ? outcomeOfWeb(result as WebAnswer) : { outcome: 'accepted' }),
        error => answer(isOfDead(error) && !process.alive ? undefined : outcomeOf(error)),
      );
  }

  #way(process: SimulatedProcess, via: Via, call: Call, session: string): Send | undefined {
    const { verb, args, groupId } = call;
    const { handle } = process;
    if (verb === 'open') return handle ? undefined : () => this.#open(process, groupId, args);
    switch (via) {
      case 'http': {
        const missing = args.change && changed(call.definition, args.change) === undefined;
        if (verb === 'dispose' || missing) return undefined;
        process.takes = true;
        return () => throughWeb({ web: this.site(process).ask, session }, call);
      }
      case 'control':
        if (NOT_OVER_THE_WIRE.includes(verb) || this.#of.owner?.served === undefined) return undefined;
        return () => this.overTheWire(process, client => throughControl(client, call));
      case 'manager':
        return () =>
          verb === 'archive' || verb === 'delete'
            ? process.manager[verb](groupId)
            : this.#updateByManager(process, call);
      case 'handle':
        return handle && (() => throughHandle(handle, call));
    }
  }

  #updateByManager({ manager }: SimulatedProcess, { groupId, args, definition }: Call) {
    const updates = {
      update: manager.update.bind(manager, groupId),
      addSession: manager.addSession.bind(manager, groupId),
      removeSession: manager.removeSession.bind(manager, groupId),
      updateSession: manager.updateSession.bind(manager, groupId),
    };
    return args.change && updateThrough(updates, args.change, definition);
  }

  /** Uses a client of the group's owner, as another process finds it. */
  async overTheWire<T>(
    { clock, sockets, store }: Pick<SimulatedProcess, 'clock' | 'sockets' | 'store'>,
    use: (client: Awaited<ReturnType<typeof connectControl>>) => T,
  ): Promise<Awaited<T>> {
    const owners = ownersAt(address => connectControl(address, { clock, sockets }));
    const client = await owners.ownerOf(await store.read(this.#of.observer.groupId ?? ''));
    if (client === undefined) throw new OwnerGoneError();
    try {
      return await use(client);
    } finally {
      client.close();
    }
  }

  async #open(process: SimulatedProcess, groupId: string, { pauseInterrupted }: Arguments): Promise<void> {
    process.takes = true;
    const handle = await process.manager.open(groupId, pauseInterrupted ? { pauseInterrupted } : {});
    await process.serve(handle).catch(() => {});
  }

  exited(process: SimulatedProcess): void {
    if (!process.alive) return;
    process.exit();
    this.#of.tell({ kind: 'process.exited', pid: process.pid });
  }

  /** Ends every process in order. */
  disposeAll(): void {
    for (const process of this.#of.processes.values()) {
      if (!process.alive) continue;
      if (process.handle && this.ask(process, 'handle', 'dispose', {})) continue;
      this.#exit(process, true);
    }
  }

  /** It ends once nothing of it is left. */
  #exit(process: SimulatedProcess, open = process.neighbour !== undefined): void {
    // What could not be written is said by the error; the process ends all the same.
    const over = open ? process.manager.dispose().catch(() => {}) : undefined;
    if (over) void over.then(() => this.exited(process));
    else this.exited(process);
  }

  /** The definition that an update has put into force: the oldest that fits the event. */
  definitionAfter(event: Readonly<Record<string, unknown>>): PlannedDefinition | undefined {
    const { definition } = this.#of;
    const before = JSON.stringify(definition);
    for (const update of this.#updates) {
      if (!fits(update.change, event) && !bringsBack(update, definition.sessions, event)) continue;
      const after = changed(update.from ?? definition, update.change);
      if (JSON.stringify(after) === before) continue; // one that changes nothing has no event
      this.#updates = this.#updates.filter(one => one !== update);
      return after;
    }
    return undefined;
  }
}

interface PendingUpdate {
  readonly id: number;
  readonly change: PlannedChange;
  /** It replaces the whole definition by this one with the change. */
  readonly from?: PlannedDefinition;
}

/** A whole definition that was made before another update also undoes that one. */
function bringsBack(
  { change, from }: PendingUpdate,
  before: PlannedDefinition['sessions'],
  { added, removed }: Readonly<Record<string, unknown>>,
): boolean {
  const [come, gone] = [added, removed].map(ids => (Array.isArray(ids) ? ids : []));
  const after = from && changed(from, change)?.sessions.map(({ id }) => id);
  if (after === undefined || come === undefined || gone === undefined || come.length + gone.length === 0)
    return false;
  const now = [...before.map(({ id }) => id), ...come].filter(id => !gone.includes(id));
  return now.sort().join() === after.sort().join();
}

function fits(change: PlannedChange, event: Readonly<Record<string, unknown>>): boolean {
  const names = (field: string): readonly unknown[] => {
    const value = event[field];
    return Array.isArray(value) ? value : [];
  };
  switch (change.kind) {
    case 'add':
      return names('added').includes(change.session.id);
    case 'remove':
      return names('removed').includes(change.session);
    case 'change':
      return names('changed').includes(change.session);
    case 'values':
      return [...names('added'), ...names('removed')].some(id => `${id}`.includes('.'));
    case 'limit':
      return names('settings').includes('config.budget');
  }
}
