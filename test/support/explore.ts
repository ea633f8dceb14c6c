import { type AdjacencyMap, getAdjacencyMap } from 'xstate/graph';
import { Roster } from '../../src/sdk/group/schedule/roster.ts';
import { nameOf } from './exploration-checks.ts';
import {
  type Explored,
  type ExploredEvent,
  ExploredGroup,
  type ExploredSetup,
  rosterOf,
} from './explored-group.ts';
import { stateOf } from './state-of.ts';

export interface Alphabet {
  /** Sessions that can be held and released. */
  readonly hold?: readonly string[];
  /** Whether sessions retry, and whether they hit the account's limit. */
  readonly retries?: boolean;
  readonly limits?: boolean;
  readonly budget?: boolean;
  readonly unavailable?: boolean;
  /** Sessions that can be retried on their own, besides retries of all. */
  readonly retry?: readonly string[];
  /** Whether sessions merge, one after the other. */
  readonly merges?: boolean;
  /** Whether the group is asked to deliver. */
  readonly integrates?: boolean;
  /** Whether the definition changes, to any of the setup's revisions and back. */
  readonly changes?: boolean;
}

const asked = (event: Extract<ExploredEvent, { type: 'asked' }>['event']): ExploredEvent => ({
  type: 'asked',
  event,
});

function eventsIn(group: ExploredGroup, alphabet: Alphabet) {
  const controls: ExploredEvent[] = [
    asked({ type: 'run' }),
    asked({ type: 'pause', reason: 'manual' }),
    asked({ type: 'resume' }),
    asked({ type: 'stop' }),
    asked({ type: 'retry' }),
    ...(alphabet.retry ?? []).map(id => asked({ type: 'retry', sessions: [id] })),
    ...(alphabet.hold ?? []).flatMap(id => [
      asked({ type: 'session.pause', id }),
      asked({ type: 'session.resume', id }),
    ]),
  ];
  if (alphabet.integrates)
    controls.push(asked({ type: 'integrate' }), asked({ type: 'integrate', into: 'release' }));
  return (state: Explored): ExploredEvent[] => {
    const events = [...controls];
    if (rosterOf(state.chart).delivering) {
      events.push(asked({ type: 'delivery.done' }), asked({ type: 'delivery.ended' }));
      events.push(asked({ type: 'delivery.refused', reason: 'conflict' }));
    }
    if (alphabet.changes) {
      for (const change of group.changesIn(state)) events.push(asked({ type: 'definition.change', change }));
    }
    const children = Object.entries(state.children);
    for (const [id, child] of children) {
      const does = (...verbs: Extract<ExploredEvent, { type: 'child' }>['does'][]) => {
        for (const verb of verbs) events.push({ type: 'child', id, does: verb });
      };
      if (child === 'working') does('complete', 'fail');
      if (child === 'working' && alphabet.merges) does('want');
      if (child === 'merging') does('complete', 'fail', 'retry');
      if (child === 'mergingPausing') does('complete', 'fail', 'end');
      if (child === 'mergingStopping') does('complete', 'end');
      if (child === 'working' && alphabet.retries) does('retry');
      if (child === 'working' && alphabet.limits) does('limit');
      if ((child === 'working' || child === 'pausing') && alphabet.unavailable) does('lose');
      if (child === 'pausing') does('complete', 'fail', 'end');
      if (child === 'stopping') does('complete', 'end');
      if (child === 'retrying') does('ready');
    }
    const left = stateOf(state.chart.value);
    if (left === 'interrupted.pausing' || left === 'interrupted.stopping')
      events.push(asked({ type: `xstate.after.atOnce.group.${left}` } as never));
    const working = children.some(([, child]) => child === 'working');
    if (alphabet.budget && !state.over && working) events.push({ type: 'spent' });
    if (alphabet.budget && state.over) events.push({ type: 'raised' });
    if (state.closed) events.push({ type: 'opened' }, { type: 'tooLong' });
    return events;
  };
}

/** Failures counted towards the threshold, determined by trying each threshold. */
function errorsOf(roster: Roster, sessions: number): number {
  const { concurrency } = roster.spec;
  const reaches = (errorThreshold: number) =>
    new Roster({ ...roster.spec, concurrency: { ...concurrency, errorThreshold } }, roster).tooManyErrors;
  let errors = 0;
  while (errors <= sessions && reaches(errors + 1)) errors++;
  return errors;
}

function keyOf(group: ExploredGroup, explored: Explored): string {
  const { chart, children, over, closed, delivered, before } = explored;
  const roster = rosterOf(chart);
  const clone = roster.schedule.clone();
  const order: number[] = [];
  for (let next = clone.take(); next !== undefined; next = clone.take()) order.push(next);
  const { errorThreshold } = group.setup;
  const sessions = roster.spec.graph.nodes;
  return JSON.stringify([
    chart.value,
    over,
    closed,
    roster.reason,
    roster.adoptable,
    [delivered, before, roster.delivering, roster.deliveryPending, roster.askedInto, roster.settledBefore],
    order,
    errorThreshold === undefined ? 0 : errorsOf(roster, sessions.length),
    sessions.map(({ id }, index) => [
      id,
      children[id],
      roster.schedule.outcomeOf(index),
      roster.schedule.skipReasonOf(index),
      roster.waitOf(id),
      roster.isPausable(id),
      roster.isInPlay(id),
    ]),
  ]);
}

export interface Exploration {
  readonly map: AdjacencyMap<Explored, ExploredEvent>;
  readonly states: number;
  readonly edges: number;
  /** Names of the chart's states that were reached. */
  readonly values: ReadonlySet<string>;
  readonly findings: readonly string[];
}

/** Every state that the real group chart can reach, by `getAdjacencyMap`, and the violations found on the way. */
export function explore(setup: ExploredSetup, alphabet: Alphabet = {}, limit = 100_000): Exploration {
  const group = new ExploredGroup(setup);
  const map = getAdjacencyMap(group.logic(), {
    events: eventsIn(group, alphabet),
    serializeState: state => keyOf(group, state),
    serializeEvent: nameOf,
    limit,
  });
  const entries = Object.values(map);
  return {
    map,
    states: entries.length,
    edges: entries.reduce((sum, { transitions }) => sum + Object.keys(transitions).length, 0),
    values: new Set(entries.map(({ state }) => stateOf(state.chart.value))),
    findings: [...new Set(group.findings)],
  };
}
