import type { YieldReason } from '../../../../machines/contract.ts';
import type { DependencyGraph } from '../dependency-graph.ts';
import type { RosterRecord } from './roster-spec.ts';

/** The state of a session in play. */
export interface SessionInPlay {
  /** Whether it has an actor; false for a session that was in play before a crash. */
  readonly actor: boolean;
  readonly slot: boolean;
  readonly parked: YieldReason | undefined;
  /** Paused on its own: a resume of the group doesn't resume it. */
  readonly held: boolean;
  /** Its attempt was started elsewhere by another engine, and it has not been admitted since. Default: false. */
  readonly elsewhere?: boolean;
}

/** The sessions in play, by their index in the graph. */
export class SessionsInPlay {
  readonly #graph: DependencyGraph;
  readonly #inPlay: Map<number, SessionInPlay>;

  constructor(graph: DependencyGraph, inPlay: Iterable<readonly [number, SessionInPlay]> = []) {
    this.#graph = graph;
    this.#inPlay = new Map(inPlay);
  }

  clone(): SessionsInPlay {
    return new SessionsInPlay(this.#graph, this.#inPlay);
  }

  /** The same sessions over another graph, matched by id. */
  over(graph: DependencyGraph): SessionsInPlay {
    const inPlay = new SessionsInPlay(graph);
    for (const [index, session] of this.#inPlay) {
      const now = graph.indexOf(this.#graph.nodes[index]?.id ?? '');
      if (now !== undefined) inPlay.set(now, session);
    }
    return inPlay;
  }

  get size(): number {
    return this.#inPlay.size;
  }

  get allHeld(): boolean {
    for (const session of this.#inPlay.values()) if (!session.held) return false;
    return true;
  }

  has(index: number): boolean {
    return this.#inPlay.has(index);
  }

  at(index: number): SessionInPlay | undefined {
    return this.#inPlay.get(index);
  }

  of(id: string): SessionInPlay | undefined {
    const index = this.#graph.indexOf(id);
    return index === undefined ? undefined : this.#inPlay.get(index);
  }

  set(index: number, session: SessionInPlay): void {
    this.#inPlay.set(index, session);
  }

  /** Restores the sessions that were in play, by id; returns their indices. */
  restore(inPlay: RosterRecord['inPlay']): number[] {
    return [...inPlay].flatMap(([id, { held, elsewhere = false }]) => {
      const index = this.#graph.indexOf(id);
      if (index === undefined) return [];
      this.set(index, { actor: false, slot: false, parked: 'pause', held, elsewhere });
      return [index];
    });
  }

  /** Updates a session; false if it isn't in play. */
  change(index: number | undefined, change: Partial<SessionInPlay>): index is number {
    const session = index === undefined ? undefined : this.#inPlay.get(index);
    if (index === undefined || !session) return false;
    this.#inPlay.set(index, { ...session, ...change });
    return true;
  }

  delete(index: number): void {
    this.#inPlay.delete(index);
  }

  ids(test: (session: SessionInPlay) => boolean): string[] {
    const ids: string[] = [];
    for (const [index, session] of this.#inPlay) {
      const id = this.#graph.nodes[index]?.id;
      if (id !== undefined && test(session)) ids.push(id);
    }
    return ids;
  }
}
