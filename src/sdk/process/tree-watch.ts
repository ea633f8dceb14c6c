import type { Clock } from '../clock.ts';
import { attribute, isLiveOther } from './descendants.ts';
import { limitOfMarker } from './limit-mark.ts';
import { entryOf, nextTurn, type ProcessEntry, readTableInTurns } from './process-table.ts';

/** All processes that came from one program, the program included. */
export interface ProcessTree {
  /** Those alive now, by a look that begins after the call. Rejects when the process table can't be read. */
  members(): Promise<readonly ProcessEntry[]>;
}

export interface WatchedTree extends ProcessTree {
  /** Ends the watch over it. */
  release(): void;
}

/** A process, as opposed to others that have had its pid. */
export type ProcessId = Pick<ProcessEntry, 'pid' | 'startTicks'>;

/** While a tree is watched, its descendants are looked for this often. */
const LOOK_EVERY_MS = 1_000;
/** How many trees hear of a look in one turn of the event loop: they signal their processes there. */
const TREES_PER_TURN = 4;
/** The environment of a process that is becoming another program can be empty, so one reading proves nothing. */
const READINGS = 2;
/** A look that took longer was interrupted, say because the machine was suspended. */
const LONGEST_PAUSE_MS = 250;

/** Whether a process belongs to the tree, by all that the same look has found. */
type Claims = (entry: ProcessEntry, table: readonly ProcessEntry[]) => boolean;

interface Known {
  readonly startTicks: number;
  readonly marked: boolean;
}

interface Tree {
  readonly root?: ProcessId;
  readonly marks?: ReadonlySet<string | undefined>;
  readonly claims?: Claims;
  readonly onUnmarked?: (members: readonly ProcessId[]) => void;
  /** What the last look found, with whether it carries a mark; by pid. */
  known: ReadonlyMap<number, Known>;
  alive: readonly ProcessEntry[];
  /** The root's pid, and so perhaps the number of its group, is another process's now. */
  rootReused: boolean;
}

/**
 * The trees of this process's live attempts, and what is seen of them in the process table. To a tree belong the
 * processes of its root's group or session, those that carry its marker or limit, those that the last look found, and
 * the descendants of all of these.
 *
 * TREE-WATCH-1 one look serves all trees: at most one a second while nothing ends, none without a tree, and while
 *    trees are ending one at a time, with a pause as long as the look took.
 * TREE-WATCH-2 a look is cut into short turns of the event loop, and so is what follows from it.
 * TREE-WATCH-3 a process is known by pid and start time: another with the pid of an earlier one is not mistaken for it.
 * TREE-WATCH-4 what has been found belongs to its tree until it exits, whoever becomes its parent. This process
 *    itself belongs to none.
 */
export class TreeWatch {
  readonly #clock: Clock;
  readonly #readTable: typeof readTableInTurns;
  readonly #trees = new Set<Tree>();
  readonly #roots = new Map<number, Tree>();
  /** By marker and by limit. */
  readonly #marked = new Map<string | undefined, Tree>();
  /** By pid, whose process it is, as far as the last look knew. */
  #known = new Map<number, { readonly startTicks: number; readonly tree: Tree }>();
  /** Processes of no tree whose marks have been read, and how often. */
  #strangers = new Map<number, { readonly startTicks: number; readonly readings: number }>();
  #timer: unknown;
  #endPause: (() => void) | undefined;
  #current: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;
  #looks = 0;
  #lastLook = { endedAt: Number.NEGATIVE_INFINITY, tookMs: 0 };
  #heardThisTurn = 0;

  constructor(clock: Clock, readTable = readTableInTurns) {
    this.#clock = clock;
    this.#readTable = readTable;
  }

  /** How often the process table has been read. */
  get looks(): number {
    return this.#looks;
  }

  /**
   * The tree of a program; to be called before the program is reaped, ideally right after the spawn.
   * @param onUnmarked receives the members that carry neither marker nor limit, whenever they change.
   */
  ofProgram(pid: number, marker: string, onUnmarked?: Tree['onUnmarked']): WatchedTree {
    const tree: Tree = {
      root: { pid, startTicks: startOf(pid) },
      marks: new Set([marker, limitOfMarker(marker)]),
      ...(onUnmarked && { onUnmarked }),
      ...NOTHING_YET,
    };
    return this.#add(tree);
  }

  /** The tree of all processes that are claimed, and of those seen before. */
  ofClaimed(claims: Claims, seen: readonly ProcessId[] = []): WatchedTree {
    this.#strangers.clear(); // one of them may be claimed
    const known = seen.map(({ pid, startTicks }) => [pid, { startTicks, marked: false }] as const);
    return this.#add({ claims, ...NOTHING_YET, known: new Map(known) });
  }

  #add(tree: Tree): WatchedTree {
    this.#trees.add(tree);
    for (const [pid, { startTicks }] of tree.known) this.#known.set(pid, { startTicks, tree });
    if (tree.root) this.#roots.set(tree.root.pid, tree);
    for (const mark of tree.marks ?? []) this.#marked.set(mark, tree);
    this.#arm();
    return { members: () => this.#membersOf(tree), release: () => this.#release(tree) };
  }

  #release(tree: Tree): void {
    this.#trees.delete(tree);
    for (const [pid, root] of this.#roots) if (root === tree) this.#roots.delete(pid);
    for (const [mark, owner] of this.#marked) if (owner === tree) this.#marked.delete(mark);
    if (this.#trees.size > 0) return;
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#endPause?.();
    this.#known.clear();
    this.#strangers.clear();
  }

  async #membersOf(tree: Tree): Promise<readonly ProcessEntry[]> {
    const others = [...tree.known.keys()].some(pid => pid !== tree.root?.pid);
    await this.look();
    // The last of them may have started another and exited while the table was being read.
    if (others && tree.alive.length === 0) await this.look();
    while (this.#heardThisTurn >= TREES_PER_TURN) await nextTurn();
    this.#heardThisTurn += 1;
    if (this.#heardThisTurn === 1) setImmediate(() => (this.#heardThisTurn = 0));
    return tree.alive;
  }

  /** All that the last look has found in any tree, and the programs that have started since. */
  everyone(): readonly ProcessId[] {
    return [...this.#trees].flatMap(({ root, alive }): readonly ProcessId[] =>
      root ? [root, ...alive] : alive,
    );
  }

  #arm(): void {
    this.#timer ??= this.#clock.setTimeout(() => {
      const again = (): void => {
        this.#timer = undefined;
        if (this.#trees.size > 0) this.#arm();
      };
      this.look().then(again, again);
    }, LOOK_EVERY_MS);
  }

  /** A look that has begun may have passed what the caller asks about: it gets the next one. */
  look(): Promise<void> {
    this.#next ??= this.#afterCurrent();
    return this.#next;
  }

  async #afterCurrent(): Promise<void> {
    await this.#current.catch(() => {});
    await nextTurn(); // one look answers all that ask in one turn
    const { endedAt, tookMs } = this.#lastLook;
    const pauseMs = endedAt + Math.min(tookMs, LONGEST_PAUSE_MS) - this.#clock.monotonic();
    if (pauseMs > 0 && this.#trees.size > 0) await this.#pause(pauseMs);
    this.#next = undefined;
    if (this.#trees.size === 0) return; // nobody asks any more
    this.#current = this.#read();
    return this.#current;
  }

  /** Cut short when the last tree is released. */
  #pause(ms: number): Promise<void> {
    return new Promise(resolve => {
      const timer = this.#clock.setTimeout(resolve, ms);
      this.#endPause = () => {
        this.#clock.clearTimeout(timer);
        resolve();
      };
    });
  }

  async #read(): Promise<void> {
    this.#looks += 1;
    const startedAt = this.#clock.monotonic();
    try {
      const oldest = Math.min(...Array.from(this.#trees, ({ root }) => root?.startTicks ?? 0));
      const table = await this.#readTable(entry => this.#readMarks(entry, oldest));
      this.#note(table.filter(isLiveOther), oldest);
    } finally {
      const endedAt = this.#clock.monotonic();
      this.#lastLook = { endedAt, tookMs: endedAt - startedAt };
    }
  }

  /** In the turn in which the entry is read (TREE-WATCH-2): `#ownerOf` finds them read. */
  #readMarks(entry: ProcessEntry, oldest: number): void {
    // A process that is older than every root descends from none.
    if (entry.startTicks < oldest || this.#isStranger(entry) || this.#knownOwner(entry)) return;
    entry.marker();
    entry.limit();
  }

  #isStranger({ pid, startTicks }: ProcessEntry): boolean {
    const stranger = this.#strangers.get(pid);
    return stranger?.startTicks === startTicks && stranger.readings >= READINGS;
  }

  #knownOwner({ pid, startTicks }: ProcessEntry): Tree | undefined {
    const known = this.#known.get(pid);
    return known?.startTicks === startTicks && this.#trees.has(known.tree) ? known.tree : undefined;
  }

  #ownerOf(entry: ProcessEntry, oldest: number, table: readonly ProcessEntry[]): Tree | undefined {
    const known = this.#knownOwner(entry);
    if (known) return known;
    for (const number of [entry.group, entry.session]) {
      const tree = this.#roots.get(number);
      if (tree?.root && !tree.rootReused && entry.startTicks >= tree.root.startTicks) return tree;
    }
    if (entry.startTicks < oldest || this.#isStranger(entry)) return undefined; // their marks have not been read
    const marked = this.#marked.get(entry.marker()) ?? this.#marked.get(entry.limit());
    return marked ?? [...this.#trees].find(tree => tree.claims?.(entry, table));
  }

  #note(table: readonly ProcessEntry[], oldest: number): void {
    for (const { pid, startTicks } of table) {
      const tree = this.#roots.get(pid);
      if (tree?.root && tree.root.startTicks > 0 && tree.root.startTicks !== startTicks)
        tree.rootReused = true;
    }
    const found = attribute(table, entry => this.#ownerOf(entry, oldest, table));
    const owned = new Map<number, { readonly startTicks: number; readonly tree: Tree }>();
    for (const tree of this.#trees) {
      tree.alive = found.get(tree) ?? [];
      for (const { pid, startTicks } of tree.alive) owned.set(pid, { startTicks, tree });
      noteKnown(tree);
    }
    this.#known = owned;
    const strangers = new Map<number, { readonly startTicks: number; readonly readings: number }>();
    for (const { pid, startTicks } of table) {
      if (owned.has(pid) || startTicks < oldest) continue;
      const before = this.#strangers.get(pid);
      const readings = before?.startTicks === startTicks ? before.readings : 0;
      strangers.set(pid, { startTicks, readings: readings + 1 });
    }
    this.#strangers = strangers;
  }
}

/** Tells of the members without a mark, if they have changed. */
function noteKnown(tree: Tree): void {
  const before = tree.known;
  const known = new Map<number, Known>();
  for (const entry of tree.alive) {
    const same = before.get(entry.pid);
    const isKnown = same?.startTicks === entry.startTicks;
    known.set(entry.pid, isKnown ? same : { startTicks: entry.startTicks, marked: hasMark(tree, entry) });
  }
  tree.known = known;
  if (!tree.onUnmarked) return;
  const [now, then] = [unmarkedIn(known), unmarkedIn(before)];
  const same =
    now.length === then.length &&
    now.every(({ pid, startTicks }) => before.get(pid)?.startTicks === startTicks);
  if (!same) tree.onUnmarked(now);
}

const hasMark = ({ marks }: Tree, entry: ProcessEntry): boolean =>
  marks !== undefined && (marks.has(entry.marker()) || marks.has(entry.limit()));

const unmarkedIn = (known: Tree['known']): ProcessId[] =>
  [...known].flatMap(([pid, { startTicks, marked }]) => (marked ? [] : { pid, startTicks }));

const NOTHING_YET = { known: new Map<number, never>(), alive: [], rootReused: false };

/** 0 when it can't be read: every process counts as younger then. */
function startOf(pid: number): number {
  try {
    return entryOf(pid)?.startTicks ?? 0;
  } catch {
    return 0;
  }
}

const watches = new WeakMap<Clock, TreeWatch>();

/** The watch of all attempts that run on a clock. */
export function treeWatch(clock: Clock): TreeWatch {
  const watch = watches.get(clock) ?? new TreeWatch(clock);
  watches.set(clock, watch);
  return watch;
}
