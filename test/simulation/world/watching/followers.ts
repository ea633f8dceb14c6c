import type { WireSocket } from '../../../../src/control/wire/sockets.ts';
import { sleep } from '../../../../src/sdk/clock.ts';
import { loseAfter } from '../../../support/memory-sockets.ts';
import type { Happening, SeenEvent } from '../../history.ts';
import type { PlannedFollower, PlannedVisit } from '../../plan/plan.ts';
import type { SimulatedProcess } from '../process.ts';
import type { Simulation } from '../simulation.ts';
import type { StreamRequest } from './web.ts';

/** They run nothing. */
const FOLLOWER = 5;
/** Whose server answers if nobody owns the group. */
const SERVER = 2;
/** When nobody runs the group any more: long enough to be shown everything. */
const LAST_VISIT = { afterMs: 0, forMs: 12_000, server: SERVER } as const;

type End = Omit<Extract<Happening, { kind: 'watch.ended' }>, 'kind' | 'pid' | 'watcher'>;

interface Follower extends PlannedFollower {
  readonly name: string;
  /** The last event that it has seen. */
  last: number | undefined;
}

/** One of its visits. */
interface Visit extends PlannedVisit {
  readonly by: Follower;
  readonly process: SimulatedProcess;
  readonly leaves: AbortSignal;
}

/** Those who follow the group from outside: over HTTP or the control protocol, with pauses, slowly, over bad connections. */
export class Followers {
  readonly #of: Simulation;
  readonly #followers: readonly Follower[];

  constructor(simulation: Simulation) {
    this.#of = simulation;
    const { followers = [] } = simulation.plan;
    this.#followers = followers.map((follower, index) => ({
      ...follower,
      name: `${follower.via} follower ${index}`,
      last: undefined,
    }));
  }

  schedule(): void {
    for (const follower of this.#followers) void this.#follow(follower, follower.visits);
  }

  /** Nobody runs the group any more. */
  comeAgain(): void {
    for (const follower of this.#followers) void this.#follow({ ...follower, via: 'http' }, [LAST_VISIT]);
  }

  async #follow(follower: Follower, visits: readonly PlannedVisit[]): Promise<void> {
    for (const visit of visits) {
      await sleep(this.#of.machine.clock, visit.afterMs);
      if (this.#of.observer.groupId !== undefined) await this.#visit(follower, visit);
    }
  }

  async #visit(by: Follower, planned: PlannedVisit): Promise<void> {
    const { machine } = this.#of;
    const process = this.#of.processAt(FOLLOWER);
    const leaving = new AbortController();
    const timer = machine.clock.setTimeout(() => leaving.abort(), planned.forMs);
    const visit: Visit = { ...planned, by, process, leaves: leaving.signal };
    const of = { pid: process.pid, watcher: by.name };
    const fromSeq = by.last === undefined ? by.fromSeq : by.last + 1;
    this.#of.tell({ kind: 'watch.began', ...of, fromSeq, slowly: planned.readMs !== undefined });
    const follows = by.via === 'http' ? this.#overHttp(visit) : this.#overTheWire(visit, fromSeq);
    const end = await follows.catch((): End => ({ because: 'lost' }));
    machine.clock.clearTimeout(timer);
    this.#of.tell({ kind: 'watch.ended', ...of, ...(leaving.signal.aborted ? { because: 'left' } : end) });
  }

  #saw({ by, process }: Visit, event: SeenEvent): void {
    if (!process.alive) return;
    by.last = event.seq;
    this.#of.tell({ kind: 'event', pid: process.pid, watcher: by.name, event });
  }

  /** It takes its time for what has come at once. */
  async #reads({ readMs, leaves }: Visit): Promise<void> {
    if (readMs !== undefined) await sleep(this.#of.machine.clock, readMs, leaves);
  }

  async #overTheWire(visit: Visit, fromSeq: number): Promise<End> {
    const { clock, store, sockets } = visit.process;
    const connect = async (address: string, signal?: AbortSignal) =>
      losing(await sockets.connect(address, signal), visit);
    const from = { clock, store, sockets: { ...sockets, connect } };
    await this.#of.callers.overTheWire(from, async client => {
      for await (const event of client.watch({ fromSeq }, { signal: visit.leaves })) {
        this.#saw(visit, event as SeenEvent);
        await this.#reads(visit);
      }
    });
    return { because: 'end' };
  }

  async #overHttp(visit: Visit): Promise<End> {
    const { by, process, leaves, server } = visit;
    const asked =
      server === 'owner' ? (this.#of.owner ?? this.#of.processAt(SERVER)) : this.#of.processAt(server);
    const { address } = this.#of.callers.site(asked);
    const socket = losing(await process.sockets.connect(address, leaves), visit);
    const leave = (): void => void socket.destroy();
    leaves.addEventListener('abort', leave, { once: true });
    try {
      const request: StreamRequest = {
        path: `/groups/${this.#of.observer.groupId}/events?fromSeq=${by.fromSeq}`,
        headers: by.last === undefined ? {} : { 'last-event-id': `${by.last}` },
      };
      socket.write(`${JSON.stringify(request)}\n`);
      return await this.#frames(socket, visit);
    } finally {
      leaves.removeEventListener('abort', leave);
      socket.destroy();
    }
  }

  /** Reads server-sent events: what a lost connection has cut off is none. */
  async #frames(socket: WireSocket, visit: Visit): Promise<End> {
    const decoder = new TextDecoder();
    let [text, status] = ['', ''];
    let end: End = { because: 'lost' };
    for await (const chunk of socket) {
      text += decoder.decode(chunk, { stream: true });
      const frames = text.split('\n\n');
      text = frames.pop() ?? '';
      if (status === '') status = frames.shift() ?? '';
      for (const frame of frames) {
        if (visit.leaves.aborted) return end;
        if (end.because !== 'lost') this.#of.violate('http events', `${frame} follows the end`);
        end = this.#take(frame, visit) ?? end;
      }
      await this.#reads(visit);
    }
    return status === '200' || status === '' ? end : { because: 'error', code: `${status} ${text}` };
  }

  /** The end, if the frame says so. */
  #take(frame: string, visit: Visit): End | undefined {
    const fields = new Map(
      frame.split('\n').map(line => {
        const at = line.indexOf(': ');
        return [line.slice(0, at), line.slice(at + 2)] as const;
      }),
    );
    const data: unknown = JSON.parse(fields.get('data') ?? 'null');
    switch (fields.get('event')) {
      case 'event': {
        const event = data as SeenEvent;
        if (fields.get('id') !== `${event.seq}`) this.#of.violate('http events', `${frame} has another id`);
        this.#saw(visit, event);
        return undefined;
      }
      case 'end':
        return { because: 'end', status: (data as { readonly status: string }).status };
      case 'error':
        return { because: 'error', code: JSON.stringify(data) };
      case 'progress':
        return undefined;
      default:
        if (frame !== ': ping') this.#of.violate('http events', `${frame} is no event`);
        return undefined;
    }
  }
}

function losing(socket: WireSocket, { lostAfter }: Visit): WireSocket {
  if (lostAfter !== undefined) loseAfter(socket, lostAfter);
  return socket;
}
