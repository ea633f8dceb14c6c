import type { Settled, Settlement } from '../../src/sdk/testing/lifecycle/oracle.ts';
import { mayBeCompleted, Oracle } from '../../src/sdk/testing/lifecycle/oracle.ts';
import { LIVE_CHILD, MERGING_CHILD } from './explored-children.ts';
import { type Explored, type ExploredEvent, type ExploredGroup, rosterOf } from './explored-group.ts';
import { stateOf } from './state-of.ts';

const AT_REST: ReadonlySet<string> = new Set([
  'created',
  'interrupted.running',
  'interrupted.stopping',
  'paused',
  'stopped',
  'completed',
  'failed',
]);

/** The settled sessions, according to the roster. */
export function settledOf({ chart }: Explored): Settled {
  const roster = rosterOf(chart);
  const settled = new Map<string, Settlement>();
  roster.spec.graph.nodes.forEach(({ id }, index) => {
    const outcome = roster.schedule.outcomeOf(index);
    if (outcome) settled.set(id, { outcome, reason: roster.schedule.skipReasonOf(index) });
  });
  return settled;
}

const STOPPING = ['stopping', 'mergingStopping'];
const PAUSING = ['pausing', 'mergingPausing', ...STOPPING];

const liveOf = ({ children }: Explored) =>
  Object.entries(children)
    .filter(([, child]) => LIVE_CHILD.has(child))
    .map(([id]) => id);

/** Checks everything that this step of the real chart did against the invariants. */
export function edgeFindings(
  group: ExploredGroup,
  before: Explored,
  event: ExploredEvent,
  after: Explored,
): string[] {
  const found: string[] = [];
  const expect = (holds: boolean, invariant: string) => {
    if (!holds)
      found.push(`${invariant}: ${stateOf(before.chart.value)} --${nameOf(event)}→ ${describe(after)}`);
  };
  const sessions = rosterOf(after.chart).spec.graph.nodes.map(({ session }) => session);
  const oracle = new Oracle(sessions);
  const [was, is] = [settledOf(before), settledOf(after)];
  const live = liveOf(after);
  const value = stateOf(after.chart.value);
  const roster = rosterOf(after.chart);
  const started = live.filter(id => after.children[id] === 'working' && before.children[id] !== 'working');

  expect(roster.live === live.length, 'SLOTS-1');
  expect(roster.undecided === 0 || AT_REST.has(value), 'SCHEDULE-3');
  expect(live.length <= group.maxConcurrent, 'I3 slots');
  expect(new Set(live.map(id => group.projectOf(id))).size === live.length, 'I3 project');
  for (const id of started) {
    expect(value === 'running', `I6 ${id}`);
    expect(!is.has(id), `I4 ${id}`);
    expect(!(after.over && group.setup.onBudget !== 'warn'), `I9 ${id}`);
    expect(!after.closed, `quota ${id}`);
    if (before.children[id] === undefined) expect(oracle.trigger(id, is) === 'start', `I2 ${id}`);
  }
  const merging = live.filter(id => MERGING_CHILD.has(after.children[id] ?? ''));
  const repositories = new Set(merging.map(id => group.repositoryOf(id)));
  expect(repositories.size === merging.length, 'MERGE-TURNS-1');
  for (const id of live) {
    const waits = after.children[id] === 'wanting';
    expect(!waits || repositories.has(group.repositoryOf(id)), `I13 ${id} waits for its turn behind nobody`);
  }
  const retried = event.type === 'asked' && event.event.type === 'retry';
  const change =
    event.type === 'asked' && event.event.type === 'definition.change' ? event.event.change : undefined;
  for (const [id, end] of was) {
    const taken = end.outcome === 'skipped' && change?.removed.includes(id) === true;
    expect(retried || taken || is.get(id)?.outcome === end.outcome, `I4 ${id}`);
  }
  for (const [id, end] of is) {
    if (end.outcome === 'skipped' && end.reason !== 'group_stopped') {
      expect(oracle.trigger(id, is) === 'skip', `I2 ${id} skipped`);
    }
    expect(after.children[id] === undefined, `I7 ${id} settled and in play`);
  }
  for (const [id, child] of Object.entries(after.children)) {
    const released = event.type === 'asked' && event.event.type === 'session.resume' && event.event.id === id;
    const held = rosterOf(before.chart).waitOf(id) === 'held';
    // Its agent was at work elsewhere: it is ended with the step that takes it over.
    const ending = before.children[id] === undefined && (child === 'pausing' || child === 'stopping');
    expect(!held || released || child === 'paused' || ending, `held ${id}`);
  }
  const all = is.size === sessions.length;
  const merged = [...is.values()].some(({ outcome }) => outcome === 'completed');
  if (value === 'completed' && merged && group.setup.delivers === 'into')
    expect(after.delivered, 'I5 delivered');
  if (value === 'delivering') {
    expect(all && roster.delivering, 'I13 delivering');
    expect(mayBeCompleted(sessions, is) || after.before !== undefined, 'I5 delivers by itself');
  } else if (before.before !== undefined && value !== 'interrupted.running')
    expect(value === before.before, 'settled as before');
  if (value === 'completed') expect(all && mayBeCompleted(sessions, is), 'I5 completed');
  if (value === 'failed') expect(all && !mayBeCompleted(sessions, is), 'I5 failed');
  if (value === 'stopped') expect(all, 'stopped');
  if (AT_REST.has(value)) expect(live.length === 0, 'I7');
  if (value === 'pausing' || value === 'stopping') {
    const told = value === 'pausing' ? PAUSING : STOPPING;
    expect(live.length > 0 || roster.delivering, 'I13');
    expect(
      live.every(id => told.includes(after.children[id] ?? '')),
      `I7 ${value}`,
    );
  }
  if (value === 'running') {
    const going = Object.values(after.children).some(child => LIVE_CHILD.has(child) || child === 'retrying');
    expect(going || after.closed || (after.over && group.setup.onBudget !== 'warn'), 'I13');
    if (
      live.length < group.maxConcurrent &&
      !after.closed &&
      !(after.over && group.setup.onBudget !== 'warn')
    ) {
      const projects = new Set(live.map(id => group.projectOf(id)));
      const idle = sessions.filter(
        ({ id }) =>
          !is.has(id) &&
          !projects.has(group.projectOf(id)) &&
          roster.waitOf(id) !== 'held' &&
          (after.children[id] === 'queued' ||
            (after.children[id] === undefined && oracle.trigger(id, is) === 'start')),
      );
      expect(idle.length === 0, 'I13 idle slot');
    }
    if (group.setup.errorThreshold !== undefined) expect(!roster.tooManyErrors, 'threshold');
  }
  return found;
}

export const nameOf = (event: ExploredEvent): string =>
  event.type === 'asked'
    ? `${event.event.type}${'into' in event.event ? ` ${event.event.into}` : ''}${'id' in event.event ? ` ${event.event.id}` : ''}${'change' in event.event ? ` ${event.event.change.revision}` : ''}`
    : event.type === 'child'
      ? `${event.id} ${event.does}`
      : event.type;

const describe = ({ chart, children, over, closed }: Explored) =>
  JSON.stringify({ value: chart.value, children, over, closed });
