import type { YieldReason } from '../../../../machines/contract.ts';
import type { DependencyGraph } from '../dependency-graph.ts';

/** What the group's chart holds of a session in play. */
export interface Player {
  /** Has an actor; false for one that was in play before a crash. */
  readonly actor: boolean;
  readonly slot: boolean;
  readonly parked: YieldReason | undefined;
  /** Paused by itself: a resume of the group does not wake it. */
  readonly held: boolean;
}

/** The sessions in play, by their places in the graph. */
export class Players {
  readonly #graph: DependencyGraph;
  readonly #players: Map<number, Player>;

  constructor(graph: DependencyGraph, players: Iterable<readonly [number, Player]> = []) {
    this.#graph = graph;
    this.#players = new Map(players);
  }

  clone(): Players {
    return new Players(this.#graph, this.#players);
  }

  /** The same sessions over another graph; they are known by their ids. */
  over(graph: DependencyGraph): Players {
    const players = new Players(graph);
    for (const [index, player] of this.#players) {
      const now = graph.indexOf(this.#graph.nodes[index]?.id ?? '');
      if (now !== undefined) players.set(now, player);
    }
    return players;
  }

  get size(): number {
    return this.#players.size;
  }

  /** There are some, and a person holds all of them. */
  get allHeld(): boolean {
    for (const player of this.#players.values()) if (!player.held) return false;
    return this.size > 0;
  }

  has(index: number): boolean {
    return this.#players.has(index);
  }

  at(index: number): Player | undefined {
    return this.#players.get(index);
  }

  of(id: string): Player | undefined {
    const index = this.#graph.indexOf(id);
    return index === undefined ? undefined : this.#players.get(index);
  }

  set(index: number, player: Player): void {
    this.#players.set(index, player);
  }

  /** Takes over those that were in play, by id, as a journal left them; gives their places. */
  restore(inPlay: ReadonlyMap<string, { readonly held: boolean }>): number[] {
    return [...inPlay].flatMap(([id, { held }]) => {
      const index = this.#graph.indexOf(id);
      if (index === undefined) return [];
      this.set(index, { actor: false, slot: false, parked: 'pause', held });
      return [index];
    });
  }

  /** False for a session that is not in play. */
  change(index: number | undefined, change: Partial<Player>): index is number {
    const player = index === undefined ? undefined : this.#players.get(index);
    if (index === undefined || !player) return false;
    this.#players.set(index, { ...player, ...change });
    return true;
  }

  delete(index: number): void {
    this.#players.delete(index);
  }

  ids(test: (player: Player) => boolean): string[] {
    const ids: string[] = [];
    for (const [index, player] of this.#players) {
      const id = this.#graph.nodes[index]?.id;
      if (id !== undefined && test(player)) ids.push(id);
    }
    return ids;
  }
}
