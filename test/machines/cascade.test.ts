// @module-tag long
import { describe, expect, test } from 'vitest';
import type { SessionMachineEvent } from '../../machines/contract.ts';
import { bareGroup } from '../support/bare-group.ts';
import { type DagSession, needs, plain } from '../support/random-dag.ts';
import { stateOf } from '../support/state-of.ts';

/** The end of one session decides all others: one event for each, one after the other. */

const LIMIT = 8;

const groupOf = (size: number, upstreamOf: (n: number) => number): DagSession[] =>
  Array.from({ length: size }, (_, n) =>
    plain(`s${n}`, n === 0 ? {} : { dependsOn: needs(`s${upstreamOf(n)}`) }),
  );
const chain = (size: number) => groupOf(size, n => n - 1);
const fan = (size: number) => groupOf(size, () => 0);

/** The steps that the group's chart takes when its first session ends like this, by the event that each belongs to. */
function endOfTheFirst(sessions: readonly DagSession[], end: SessionMachineEvent) {
  const steps = new Map<string, number>();
  const group = bareGroup(sessions, LIMIT, event => {
    if (event.type !== '@xstate.microstep' || event.actorRef.sessionId !== event.rootId) return;
    steps.set(event.event.type, (steps.get(event.event.type) ?? 0) + 1);
  });
  group.actor.send({ type: 'run' });
  expect(group.started.map(({ id }) => id)).toEqual(['s0']);
  steps.clear();
  group.started[0]?.send(end);
  return { ...group, steps: Object.fromEntries(steps), state: stateOf(group.actor.getSnapshot().value) };
}

describe.each([1_000, 50_000])('in a group of %i sessions,', size => {
  test.each([
    ['chain', chain],
    ['fan', fan],
  ])('a %s of which the first fails is skipped in one step for each session', (_, shape) => {
    const error = { code: 'max_turns' as const, message: 'too many turns' };
    const { roster, notes, steps, state } = endOfTheFirst(shape(size), { type: 'agent.failed', error });
    // The last step is the group's own end.
    expect(steps).toEqual({ 'session.settled': 1, 'dependency.settled': size - 1 + 1 });
    expect(state).toBe('failed');
    expect(notes.filter(({ type }) => type === 'skipped')).toHaveLength(size - 1);
    const { graph } = roster.spec;
    expect(graph.nodes.filter(({ index }) => roster.schedule.outcomeOf(index) === 'skipped')).toHaveLength(
      size - 1,
    );
    expect([roster.unsettled, roster.undecided]).toEqual([0, 0]);
  });

  test('a fan of which the first completes is ready in one step for each, and fills its slots', () => {
    const { roster, started, steps, state } = endOfTheFirst(fan(size), { type: 'agent.done', denials: 0 });
    expect(steps).toEqual({ 'session.settled': 1, 'dependency.settled': size - 1 + LIMIT });
    expect(state).toBe('running');
    expect([started.length, roster.live, roster.ready]).toEqual([1 + LIMIT, LIMIT, size - 1 - LIMIT]);
  });
});
