import { type ActorLogic, initialTransition, type SnapshotFrom, transition } from 'xstate';
import type { GroupMachineEvent, Redefinition } from '../../machines/contract.ts';
import { groupMachine } from '../../machines/group.machine.ts';
import type { GroupStatus } from '../../machines/vocabulary.ts';
import { buildGraph, type DependencyGraph } from '../../src/sdk/group/dependency-graph.ts';
import { Roster } from '../../src/sdk/group/schedule/roster.ts';
import type { RosterRecord, RosterSpec } from '../../src/sdk/group/schedule/roster-spec.ts';
import { edgeFindings } from './exploration-checks.ts';
import { type Child, type ChildAct, childEvents, told } from './explored-children.ts';
import { type DagSession, plain } from './random-dag.ts';
import { sessionInput } from './session-chart.ts';
import { stateOf } from './state-of.ts';

export type GroupSnapshot = SnapshotFrom<typeof groupMachine>;

export type ExploredEvent =
  | { readonly type: 'asked'; readonly event: GroupMachineEvent }
  | {
      readonly type: 'child';
      readonly id: string;
      readonly does: ChildAct;
    }
  | { readonly type: 'spent' | 'raised' | 'opened' | 'tooLong' };

/** The real chart's snapshot, and the state of its children and its environment. */
export interface Explored {
  readonly status: 'active';
  readonly output: undefined;
  readonly error: undefined;
  readonly chart: GroupSnapshot;
  readonly children: Readonly<Record<string, Child>>;
  /** The budget is spent. */
  readonly over: boolean;
  /** The account's gate is closed. */
  readonly closed: boolean;
  /** What was merged has been delivered; nothing has completed since. */
  readonly delivered: boolean;
  /** As what the group had settled when it was asked to deliver, while it does. */
  readonly before: string | undefined;
}

export interface ExploredSetup {
  readonly sessions: readonly DagSession[];
  readonly maxConcurrent?: number;
  readonly errorThreshold?: number;
  readonly pauseOnError?: boolean;
  readonly projectOf?: (id: string) => string;
  /** Default: the same for all. */
  readonly repositoryOf?: (id: string) => string;
  readonly onBudget?: 'pause' | 'stop' | 'warn';
  /** What the sessions did is merged, and goes `into` a branch, or into one that is asked for. Default: nothing is. */
  readonly delivers?: 'into' | 'asked';
  /** Records are always waiting to be written. */
  readonly unwritten?: boolean;
  /** As a journal left it. Default: a new group. */
  readonly restored?: { readonly status: GroupStatus } & Partial<RosterRecord>;
  /** A chart or a roster with a planted bug. */
  readonly machine?: typeof groupMachine;
  readonly rosterOf?: (spec: RosterSpec, from?: Roster) => Roster;
  /** Throws the first finding, instead of collecting all. */
  readonly throws?: boolean;
  /** The sessions after each `definition.change`, by revision 1, 2 … Default: one more session, `added`. */
  readonly revisions?: readonly (readonly DagSession[])[];
}

const LIMIT = 100;
const NOT_DELIVERED = { delivered: false, into: undefined, before: undefined };

/** The real group chart as logic that `xstate/graph` can explore, with children that only record their actions. */
export class ExploredGroup {
  readonly setup: ExploredSetup;
  readonly findings: string[] = [];
  readonly #machine: typeof groupMachine;
  /** The same chart for `transition`, which creates an actor per step: saves computing the initial state each time. */
  readonly #begun: typeof groupMachine;
  readonly #graph;
  readonly #revisions: readonly DependencyGraph[];

  constructor(setup: ExploredSetup) {
    this.setup = setup;
    this.#machine = setup.machine ?? groupMachine;
    this.#graph = buildGraph(setup.sessions);
    const revisions = setup.revisions ?? [[...setup.sessions, plain('added')]];
    this.#revisions = revisions.map(sessions => buildGraph(sessions));
    const { chart } = this.initial;
    this.#begun = Object.create(this.#machine, { getInitialSnapshot: { value: () => chart } });
  }

  get maxConcurrent(): number {
    return this.setup.maxConcurrent ?? 1;
  }

  projectOf(id: string): string {
    return this.setup.projectOf?.(id) ?? id;
  }

  repositoryOf(id: string): string {
    return this.setup.repositoryOf?.(id) ?? 'repository';
  }

  /** The definition changes that can be requested in this state. */
  changesIn({ chart }: Explored): Redefinition[] {
    const { nodes } = rosterOf(chart).spec.graph;
    return [this.#graph, ...this.#revisions].flatMap((graph, revision) => {
      const has = new Set(nodes.map(({ id }) => id));
      const added = graph.nodes.filter(({ id }) => !has.has(id)).map(({ id }) => id);
      const removed = nodes.filter(({ id }) => graph.indexOf(id) === undefined).map(({ id }) => id);
      return added.length + removed.length === 0
        ? []
        : [{ revision, added, removed, changed: [], edges: added }];
    });
  }

  roster({ over, closed }: Pick<Explored, 'over' | 'closed'>, from?: Roster): Roster {
    const { errorThreshold = 99, pauseOnError = true, onBudget = 'pause', unwritten = false } = this.setup;
    const concurrency = { maxConcurrent: this.maxConcurrent, maxPerProject: 1, pauseOnError, errorThreshold };
    const spec: RosterSpec = {
      graph: from?.spec.graph ?? this.#graph,
      concurrency,
      revisionOf: revision => {
        const graph = [this.#graph, ...this.#revisions][revision];
        return graph && { graph, concurrency };
      },
      // A session that is no longer in play has been started: the chart never sees attempts.
      historyOf: id => ({
        attempts: from?.schedule.outcomeOf(from.spec.graph.indexOf(id) ?? -1) === 'stopped' ? 1 : 0,
      }),
      budget: {
        usedMicroUsd: over ? LIMIT : 0,
        limitMicroUsd: LIMIT,
        warnAtMicroUsd: LIMIT,
        action: onBudget,
        setLimit: () => {},
      },
      quota: { closedUntil: closed ? 1 : undefined, tooLong: false },
      gates: { enterProject: () => true, leaveProject: () => {}, isAccountOpen: () => !closed },
      projectOf: id => this.projectOf(id),
      inputOf: id => sessionInput({ id }),
      now: () => 0,
      takesMessage: () => true,
      unwritten: () => unwritten,
      repositoryOf: id => this.repositoryOf(id),
      merged: () => this.setup.delivers !== undefined,
      into: () => (this.setup.delivers === 'into' ? 'main' : undefined),
      ...(this.setup.restored ? { restored: this.setup.restored.status } : {}),
      persistent: true,
    };
    return this.setup.rosterOf ? this.setup.rosterOf(spec, from) : new Roster(spec, from);
  }

  #first(flags: Pick<Explored, 'over' | 'closed'>): Roster {
    const roster = this.roster(flags);
    const { restored } = this.setup;
    const nothing = {
      settled: new Map(),
      inPlay: new Map(),
      held: [],
      resolved: new Map(),
      errors: 0,
      reason: undefined,
      delivery: NOT_DELIVERED,
    };
    if (restored) roster.restore({ ...nothing, ...restored });
    return roster;
  }

  get initial(): Explored {
    const flags = { over: false, closed: false };
    const [chart] = initialTransition(this.#machine, { roster: this.#first(flags) });
    const { delivered = false, before } = this.setup.restored?.delivery ?? {};
    const standing = { ...flags, delivered, before: before?.status };
    return { status: 'active', output: undefined, error: undefined, chart, children: {}, ...standing };
  }

  logic(): ActorLogic<Explored, ExploredEvent> {
    return {
      getInitialSnapshot: () => this.initial,
      transition: (before, event) => {
        const after = this.step(before, event);
        const found = edgeFindings(this, before, event, after);
        if (this.setup.throws && found[0] !== undefined) throw new Error(found[0]);
        this.findings.push(...found);
        return after;
      },
      getPersistedSnapshot: snapshot => snapshot,
    };
  }

  step(before: Explored, event: ExploredEvent): Explored {
    const flags = {
      over: event.type === 'spent' || (before.over && event.type !== 'raised'),
      closed:
        (event.type === 'child' && event.does === 'limit') || (before.closed && event.type !== 'opened'),
    };
    const chart = this.#withRoster(before.chart, this.roster(flags, rosterOf(before.chart)));
    const children: Record<string, Child> = { ...before.children };
    const queue = groupEvents(before, event, children);
    let now = chart;
    for (let next = queue.shift(); next; next = queue.shift()) {
      const [after, actions] = transition(this.#begun, now, next);
      for (const id of rosterOf(after).actors()) {
        if (!(id in children) && !rosterOf(now).hasActor(id)) children[id] = 'working';
      }
      now = after;
      for (const { type, params } of actions) {
        if (type === 'xstate.sendTo') queue.push(...told(children, params as never));
      }
    }
    return { ...before, ...flags, ...deliveryAfter(before, event, now), chart: now, children };
  }

  #withRoster(chart: GroupSnapshot, roster: Roster): GroupSnapshot {
    return { ...chart, context: { ...chart.context, roster } } as GroupSnapshot;
  }
}

export function rosterOf(chart: GroupSnapshot): Roster {
  const { roster } = chart.context;
  if (!(roster instanceof Roster)) throw new Error('the explored chart has another roster');
  return roster;
}

/** By the events alone, whatever the roster thinks. */
function deliveryAfter(
  { chart, delivered, before }: Explored,
  event: ExploredEvent,
  after: GroupSnapshot,
): Pick<Explored, 'delivered' | 'before'> {
  const [was, is] = [stateOf(chart.value), stateOf(after.value)];
  const isDone = event.type === 'asked' && event.event.type === 'delivery.done';
  const hasCompleted = event.type === 'child' && event.does === 'complete';
  const isAsked = event.type === 'asked' && event.event.type === 'integrate' && was !== is;
  const isOver = is !== 'delivering' && is !== 'interrupted.running';
  return {
    delivered: isDone || (delivered && !hasCompleted),
    before: isAsked && was !== 'paused' ? was : isOver ? undefined : before,
  };
}

/** The events that the group receives when this happens. */
function groupEvents(
  before: Explored,
  event: ExploredEvent,
  children: Record<string, Child>,
): GroupMachineEvent[] {
  switch (event.type) {
    case 'asked':
      return [event.event];
    case 'spent':
      return [{ type: 'budget.exceeded' }];
    case 'raised':
      return [{ type: 'budget.changed' }];
    case 'opened': // the quota chart sleeps while the group is at rest
      return stateOf(before.chart.value) === 'running' ? [{ type: 'quota.opened' }] : [];
    case 'tooLong':
      return [{ type: 'quota.tooLong' }];
    case 'child':
      return childEvents(event.id, event.does, children);
  }
}
